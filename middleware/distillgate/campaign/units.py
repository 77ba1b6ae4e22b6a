"""Which groups a unit is in, and where its own row is: one small record a unit."""

from distillgate.account.recent import Recent
from distillgate.campaign.members import Members

_GROUPS = 7
"""Groups remembered of one unit, the latest joined."""
_NO_ROW = -1
_UNKNOWN = (_NO_ROW,)

Record = tuple[int, ...]
"""The unit's own row in `Members`, then the keys of its groups."""


class Units:
    """Records by unit, bounded: the longest unused goes, since groups forget without telling."""

    def __init__(self, limit: int) -> None:
        self._records: Recent[int, Record] = Recent(limit, place=int)

    def __len__(self) -> int:
        return len(self._records)

    def groups(self, unit: int) -> tuple[int, ...]:
        """Give the keys of the groups a unit was seen in, the latest joined last."""
        return (self._records.get(unit) or _UNKNOWN)[1:]

    def join(self, unit: int, key: int, gone: int | None = None) -> None:
        """Note that a unit is in a group, in the place of one that is `gone`."""
        row, *keys = self._records.get(unit) or _UNKNOWN
        left = [other for other in keys if other not in (key, gone)]
        self._records.put(unit, (row, *left[1 - _GROUPS :], key))

    def leave(self, unit: int, key: int, members: Members) -> None:
        """Note that a unit is in a group no more; with its last one its own row goes too."""
        row, *keys = self._records.pop(unit) or _UNKNOWN
        left = [other for other in keys if other != key]
        if left:
            self._records.put(unit, (row, *left))
        elif row != _NO_ROW and members.holds(row, unit):
            members.release(row)

    def own_row(self, unit: int, members: Members) -> int:
        """Give the row of all a unit's varying text; another where its last one was given up."""
        record = self._records.use(unit) or _UNKNOWN
        row = record[0]
        if row == _NO_ROW or not members.holds(row, unit):
            row = members.allot(unit)
            self._records.put(unit, (row, *record[1:]))
        return row
