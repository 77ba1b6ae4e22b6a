"""Which groups a unit is in, and where its own row is: one small record a unit."""

from collections.abc import Iterator

from distillgate.account.recent import Recent
from distillgate.campaign.members import Members
from distillgate.records import Record as Written
from distillgate.records import decoder, encode

_GROUPS = 7
"""Groups remembered of one unit, the latest joined."""
_NO_ROW = -1
_UNKNOWN = (_NO_ROW,)

Record = tuple[int, ...]
"""The unit's own row in `Members`, then the keys of its groups."""


class _Piece(Written):
    """Some units, the longest unused first."""

    spared: bool
    entries: list[tuple[int, Record]]


class Units:
    """Records by unit, bounded: groups forget without telling.

    The longest unused goes, rather one that never came twice (it has no row of its own).
    """

    def __init__(self, limit: int) -> None:
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

    def leave(self, unit: int, key: int, members: Members) -> None:
        """Note that a unit is in a group no more; with its last one its own row goes too."""
        row, *keys = self._records.pop(unit) or _UNKNOWN
        left = [other for other in keys if other != key]
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

    def dump(self) -> Iterator[bytes]:
        """Write all units, the longest unused of each shard first."""
        for spared, entries in self._records.pieces():
            yield encode(_Piece(spared, entries))

    def load(self, piece: bytes) -> None:
        """Read a piece of what `dump` wrote."""
        written: _Piece = _READ(piece)
        for unit, record in written.entries:
            self._records.restore(unit, record, spared=written.spared)

    def _put(self, unit: int, record: Record) -> None:
        self._records.put(unit, record)


_READ = decoder(_Piece)
