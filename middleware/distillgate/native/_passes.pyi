from typing import Self

class Lexicon:
    def __new__(cls, words: tuple[bytes, ...], /) -> Self: ...
    def find(self, text: bytes, /) -> set[bytes]: ...

def segments(
    raw: bytes, seed: int, shortest: int, most: int, anchor_words: int, /
) -> tuple[tuple[tuple[int, int], ...], tuple[int, ...]]: ...
def hashes(pieces: list[bytes], seed: int, /) -> tuple[int, ...]: ...
def drawn(text: bytes, seed: int, most: int, /) -> list[tuple[int, int]]: ...
def describe(
    table: bytes,
    classes: bytes,
    weights: bytes,
    grammar: bytes,
    steps: bytes,
    text: bytes,
    key: int,
    /,
) -> tuple[bytes | None, bytes]: ...
