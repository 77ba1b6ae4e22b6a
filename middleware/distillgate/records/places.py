"""Direct-mapped tables as records: the places that are filled, as columns of bytes."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from distillgate.records.record import Record, decoder, encode

_BLOCK = 1 << 13
"""Places of one piece, a fraction of a millisecond's work. Numbered in 16 bits."""


class _Block(Record):
    """The filled places of one block, in a table of so many places and so wide columns."""

    places: int
    widths: list[int]
    start: int
    at: bytes
    columns: list[bytes]


class Places:
    """Some arrays over the same places. They stay their owner's, and are changed in place."""

    def __init__(self, *columns: NDArray[Any]) -> None:
        places = len(columns[0])
        self._values = columns
        self._columns = [column.reshape(places, -1).view(np.uint8) for column in columns]
        self._layout = places, [column.shape[1] for column in self._columns]

    def dump(self) -> Iterator[bytes]:
        """Write the places that are not empty."""
        for start in range(0, self._layout[0], _BLOCK):
            some = slice(start, start + _BLOCK)
            filled = np.flatnonzero(np.logical_or.reduce([_filled(v[some]) for v in self._values]))
            if len(filled):
                columns = [column[some][filled].tobytes() for column in self._columns]
                at = filled.astype(np.uint16).tobytes()
                yield encode(_Block(*self._layout, start, at, columns))

    def load(self, piece: bytes) -> None:
        """Read a block; nothing where the table was of another size."""
        block: _Block = _READ(piece)
        if (block.places, block.widths) != self._layout:
            return
        at = np.frombuffer(block.at, np.uint16).astype(np.intp) + block.start
        for column, data in zip(self._columns, block.columns, strict=True):
            column[at] = np.frombuffer(data, np.uint8).reshape(len(at), -1)


def _filled(values: NDArray[Any]) -> NDArray[np.bool_]:
    """Return which places are not zero, of one value each or of several."""
    filled: NDArray[np.bool_] = values != 0
    return filled if filled.ndim == 1 else np.logical_or.reduce(filled, axis=1)


_READ = decoder(_Block)
