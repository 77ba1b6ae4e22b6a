"""Repeatable chance: every account, session and item has dice of its own, named after it."""

import random


def dice(*names: object) -> random.Random:
    """Return dice that always fall alike for the same names."""
    return random.Random(":".join(map(str, names)))  # noqa: S311 - a play, not a secret
