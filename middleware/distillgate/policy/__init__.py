"""What we may do: plans, the ladder, exemptions and pardons. Turns Risk into a Decision."""
