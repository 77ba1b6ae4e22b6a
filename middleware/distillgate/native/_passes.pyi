from array import array
from typing import Self

import numpy as np
from numpy.typing import NDArray

FORM: int

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
def shared(tags: memoryview, owners: memoryview, segments: list[int], own: int, /) -> list[int]: ...
def sighted(tags: memoryview, owners: memoryview, segments: list[int], own: int, /) -> None: ...
def add_text(
    means: memoryview,
    deviations: memoryview,
    place: int,
    text: NDArray[np.float32],
    steps: NDArray[np.float32],
    weight: float,
    /,
) -> None: ...
def unpacked(data: bytes, steps: NDArray[np.float32], /) -> bytes: ...
def write_entry(
    entry: NDArray[np.float32],
    topic: NDArray[np.float32],
    style: NDArray[np.float32],
    steps: NDArray[np.float32],
    /,
    *clock: float,
) -> None: ...
def write_sums(
    sums: NDArray[np.float64],
    means: memoryview,
    steps: NDArray[np.float64],
    row: int,
    first: float,
    second: float,
    /,
) -> None: ...
def turn_mean(
    means: array[float], at: int, folded: NDArray[np.float32], steps: float, texts: float, /
) -> None: ...
def write_subject(
    topics: memoryview, place: int, topic: NDArray[np.float32], scale: float, /
) -> None: ...
def weigh_rows(
    said: NDArray[np.float64],
    means: tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]],
    centre: NDArray[np.float64],
    which: NDArray[np.intp],
    chance: NDArray[np.float64],
    places: int,
    clip: tuple[float, float],
    /,
) -> None: ...
def stray_sums(
    sums: NDArray[np.float64],
    texts: float,
    centre: NDArray[np.float64],
    within: NDArray[np.float64],
    places: int,
    /,
) -> tuple[float, float, float]: ...
