"""Fusion: Signals -> Risk, capped a family."""
