"""Logs of other programs, read as the traffic log: one small module a format."""
