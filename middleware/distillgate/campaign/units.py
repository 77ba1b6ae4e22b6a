"""Which groups a unit is in, and where its own row is: one small record a unit."""

from collections.abc import Iterable, Iterator

from distillgate.account.recent import Recent
from distillgate.campaign.members import Members
from distillgate.durable.changed import Changed

_GROUPS = 7
"""Groups remembered of one unit, the latest joined."""
_NO_ROW = -1
_UNKNOWN = (_NO_ROW,)

Record = tuple[int, ...]
"""The unit's own row in `Members`, then the keys of its groups."""


class Units:
    """Records by unit, bounded: groups forget without telling.

    The longest unused goes, rather one that never came twice (it has no row of its own).
    """

    layout = "own row, groups"

    def __init__(self, limit: int) -> None:
        self.changed: Changed[int] = Changed()
        self.joined: Changed[tuple[int, int]] = Changed()
        """Groups and units of which one joined or left the other."""
        self._records: Recent[int, Record] = Recent(
            limit, place=int, worth=lambda record: float(record[0] != _NO_ROW)
        )

    def __len__(self) -> int:
        return len(self._records)

    def groups(self, unit: int) -> tuple[int, ...]:
        """Give the keys of the groups a unit was seen in, the latest joined last."""
        return (self._records.get(unit) or _UNKNOWN)[1:]

    def join(self, unit: int, key: int, gone: int | None = None) -> None:
        """Note that a unit is in a group, in the place of one that is `gone`."""
        row, *keys = self._records.get(unit) or _UNKNOWN
        left = [other for other in keys if other not in (key, gone)]
        self._put(unit, (row, *left[1 - _GROUPS :], key))
        self.joined.add((key, unit))
        if gone is not None:
            self.joined.add((gone, unit))

    def leave(self, unit: int, key: int, members: Members) -> None:
        """Note that a unit is in a group no more; with its last one its own row goes too."""
        row, *keys = self._records.pop(unit) or _UNKNOWN
        left = [other for other in keys if other != key]
        self.changed.add(unit)
        self.joined.add((key, unit))
        if left:
            self._put(unit, (row, *left))
        elif row != _NO_ROW and members.holds(row, unit):
            members.release(row)

    def own_row(self, unit: int, members: Members) -> int:
        """Give the row of all a unit's varying text; another where its last one was given up."""
        record = self._records.use(unit) or _UNKNOWN
        row = record[0]
        if row == _NO_ROW or not members.holds(row, unit):
            row = members.allot(unit)
            self._put(unit, (row, *record[1:]))
        return row

    def kept(self) -> Iterator[int]:
        """Give every unit."""
        return self._records.keys()

    def dump(self, keys: Iterable[int]) -> Iterator[tuple[int, Record | None]]:
        """Give units' records."""
        return ((unit, self._records.get(unit)) for unit in keys)

    def load(self, records: Iterable[tuple[int, Record]]) -> None:
        """Take units up."""
        for unit, record in records:
            self._records.put(unit, record)

    def _put(self, unit: int, record: Record) -> None:
        self.changed.add(unit)
        self.changed.update(self._records.put(unit, record))
