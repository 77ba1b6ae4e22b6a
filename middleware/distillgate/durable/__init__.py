"""What outlives the process: which records changed, and how they are given and taken."""
