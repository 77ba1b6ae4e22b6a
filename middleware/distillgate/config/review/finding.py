"""One thing that a configuration says and cannot mean, or hardly can."""

from difflib import get_close_matches
from typing import NamedTuple

Path = tuple[str | int, ...]


class Finding(NamedTuple):
    """A finding, and whether the configuration must not be used with it."""

    path: Path
    text: str
    fatal: bool = False


def nearest(word: str, known: list[str]) -> str:
    """Return a hint at the known word that is most like another; empty where none is."""
    found = get_close_matches(word, known, 1, 0.6)
    return f"; did you mean `{found[0]}`?" if found else ""
