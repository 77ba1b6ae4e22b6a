"""The traffic log: reading, writing and replaying recorded exchanges."""
