"""What a configuration says that it cannot mean: each file reads one part of it."""
