"""Keys that too few units share yet to be watched as a group."""

from collections import OrderedDict


class Candidates:
    """Units of each key that may become a group's; bounded, the longest unused is forgotten."""

    def __init__(self, limit: int, min_units: int) -> None:
        self._limit = limit
        self._min_units = min_units
        self._units: OrderedDict[int, tuple[int, ...]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._units)

    def enough(self, key: int, unit: int) -> bool:
        """Count a unit that shares a key; True, and forgotten here, when there are enough."""
        units = self._units.get(key)
        if units is None:
            while len(self._units) >= self._limit:
                self._units.popitem(last=False)
            units = ()
        if unit not in units:
            units = (*units, unit)  # of a few: a set of them takes four times the memory
        if len(units) < self._min_units:
            self._units[key] = units
            self._units.move_to_end(key)
            return False
        self._units.pop(key, None)
        return True
