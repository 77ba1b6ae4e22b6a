"""The records of flat tables: sixteen places each, so that few changes are small to write."""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from distillgate.durable.changed import Changed

_BITS = 4
"""A cell has two to this power places."""


class Cells:
    """Some arrays over the same places, in cells. The arrays stay their owner's, and in place."""

    def __init__(self, *columns: NDArray[Any]) -> None:
        self.changed: Changed[int] = Changed()
        places = len(columns[0])
        width = min(places, 1 << _BITS)
        self._shift = width.bit_length() - 1
        self._views = [column.reshape(places // width, -1).view(np.uint8) for column in columns]

    @property
    def layout(self) -> str:
        """How many cells there are, and of how many bytes."""
        return " ".join(f"{view.shape[0]}x{view.shape[1]}" for view in self._views)

    def note(self, places: Iterable[int]) -> None:
        """Note that these places changed."""
        if self.changed.watched:
            self.changed.update(int(place) >> self._shift for place in places)

    def kept(self) -> list[int]:
        """Give the cells that are not empty."""
        filled = np.logical_or.reduce([view.any(axis=1) for view in self._views])
        return np.flatnonzero(filled).tolist()

    def dump(self, keys: Iterable[int]) -> Iterator[tuple[int, bytes]]:
        """Give cells' bytes."""
        for cell in keys:
            yield cell, b"".join(view[cell].tobytes() for view in self._views)

    def load(self, records: Iterable[tuple[int, Any]]) -> None:
        """Take cells up."""
        known = list(records)
        if not known:
            return
        cells = np.array([cell for cell, _ in known])
        data = np.frombuffer(b"".join(data for _, data in known), np.uint8).reshape(len(known), -1)
        at = 0
        for view in self._views:
            view[cells] = data[:, at : at + view.shape[1]]
            at += view.shape[1]
