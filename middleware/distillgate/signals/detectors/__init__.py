"""One detector a file; none knows another."""
