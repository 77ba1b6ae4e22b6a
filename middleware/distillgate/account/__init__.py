"""What is remembered of one account: windows, decayed counters, profile; the bounded table."""
