"""Keys that too few units share yet to be watched as a group."""

from array import array


class Candidates:
    """The few units of each key that may become a group's: a direct-mapped table.

    A place holds a key's tag and those of its units; a key that finds its place taken takes it.
    So most keys, which one unit alone ever has, pass through a fixed amount of memory.
    """

    def __init__(self, places: int, min_units: int) -> None:
        if places & (places - 1):
            raise ValueError("campaign.candidates must be a power of two")
        self._mask = places - 1
        self._width = max(1, min_units)  # the key's tag, and one unit less than there must be
        self._tags = array("I", bytes(4 * self._width * places))

    def enough(self, key: int, unit: int) -> bool:
        """Count a unit that shares a key; True, and forgotten here, when there are enough."""
        tags, start = self._tags, (key & self._mask) * self._width
        end = start + self._width
        tag, own = key >> 32 or 1, unit & 0xFFFFFFFF or 1
        if tags[start] != tag:
            tags[start] = tag
            tags[start + 1 : end] = array("I", bytes(4 * (self._width - 1)))
        for at in range(start + 1, end):
            if tags[at] == own:
                return False
            if not tags[at]:
                tags[at] = own
                return False
        tags[start] = 0
        return True
