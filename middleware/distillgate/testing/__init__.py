"""Shipped test helpers: an embedded upstream, and a real server in a thread. No model needed."""
