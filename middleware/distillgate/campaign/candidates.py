"""Keys that too few principals share yet to be watched as a group."""

from array import array

import numpy as np

from distillgate.records.places import Places


class Candidates:
    """The few principals of each key that may become a group's: a direct-mapped table.

    A place holds a key's tag and those of its principals; a key that finds its place taken takes
    it. So most keys, which one principal alone ever has, pass through a fixed amount of memory.
    """

    def __init__(self, places: int, min_units: int) -> None:
        self._mask = places - 1
        self._width = max(1, min_units)  # the key's tag, and one principal less than there must be
        self._tags = array("I", bytes(4 * self._width * places))
        self.places = Places(np.frombuffer(self._tags, np.uint32).reshape(places, self._width))

    def would(self, key: int, principal: int) -> bool:
        """Return whether there would be enough principals with this one; learns nothing."""
        start = (key & self._mask) * self._width
        tag, *principals = self._tags[start : start + self._width]
        if not principals:
            return True
        return (
            tag == (key >> 32 or 1)
            and all(principals)
            and (principal & 0xFFFFFFFF or 1) not in principals
        )

    def enough(self, key: int, principal: int) -> bool:
        """Count a principal that shares a key; True, and forgotten here, when there are enough."""
        place = key & self._mask
        tags, start = self._tags, place * self._width
        end = start + self._width
        tag, own = key >> 32 or 1, principal & 0xFFFFFFFF or 1
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
