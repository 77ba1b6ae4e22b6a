"""Keys that too few units share yet to be watched as a group."""

from array import array

import numpy as np

from distillgate.records.places import Places


class Candidates:
    """The few units of each key that may become a group's: a direct-mapped table.

    A place holds a key's tag and those of its units; a key that finds its place taken takes it.
    So most keys, which one unit alone ever has, pass through a fixed amount of memory.
    """

    def __init__(self, places: int, min_units: int) -> None:
        self._mask = places - 1
        self._width = max(1, min_units)  # the key's tag, and one unit less than there must be
        self._tags = array("I", bytes(4 * self._width * places))
        self.places = Places(np.frombuffer(self._tags, np.uint32).reshape(places, self._width))

    def would(self, key: int, unit: int) -> bool:
        """Whether there would be enough units with this one; learns nothing."""
        start = (key & self._mask) * self._width
        tag, *units = self._tags[start : start + self._width]
        if not units:
            return True
        return tag == (key >> 32 or 1) and all(units) and (unit & 0xFFFFFFFF or 1) not in units

    def enough(self, key: int, unit: int) -> bool:
        """Count a unit that shares a key; True, and forgotten here, when there are enough."""
        place = key & self._mask
        tags, start = self._tags, place * self._width
        end = start + self._width
        tag, own = key >> 32 or 1, unit & 0xFFFFFFFF or 1
        if tags[start] != tag:
            tags[start] = tag
            for at in range(start + 1, end):
                tags[at] = 0
        for at in range(start + 1, end):
            if tags[at] == own:
                return False
            if not tags[at]:
                tags[at] = own
                return False
        tags[start] = 0
        return True
