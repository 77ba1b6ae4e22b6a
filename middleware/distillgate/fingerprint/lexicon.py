"""A small set of words, looked for in texts."""

from collections.abc import Iterable
from typing import Protocol

from distillgate.native import passes

_PLAIN = bytes(
    ord(c.lower()) if (c := chr(byte)).isascii() and c.isalnum() else ord(" ")
    for byte in range(256)
)
"""Letters and digits in lower case, all else as space: words can be looked up in a set, which is
far cheaper than looking for every one of them in the text."""


class Lexicon(Protocol):
    """Some words: runs of ASCII letters and digits, in lower case."""

    def find(self, text: bytes, /) -> set[bytes]:
        """Return which of the words a text (UTF-8) has."""
        ...


class PlainLexicon:
    """The same without a compiled pass."""

    def __init__(self, words: Iterable[bytes]) -> None:
        self._words = set(words)

    def find(self, text: bytes, /) -> set[bytes]:
        """Return which of the words a text (UTF-8) has."""
        return self._words.intersection(text.translate(_PLAIN).split())


def lexicon(words: tuple[bytes, ...]) -> Lexicon:
    """Return a lexicon of these words, by the compiled pass where there is one."""
    return PlainLexicon(words) if passes is None else passes.Lexicon(words)
