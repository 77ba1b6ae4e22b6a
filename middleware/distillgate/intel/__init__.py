"""What is told to other organisations of a campaign, and what they tell: no text, no plain hash."""
