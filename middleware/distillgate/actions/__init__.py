"""Decision -> what happens to the bytes."""
