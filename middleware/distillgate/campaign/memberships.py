"""Which units each group has, as records of their own: a large group changes by one at a time."""

from collections.abc import Iterable, Iterator

from distillgate.campaign.members import Members
from distillgate.campaign.table import GroupTable


class Memberships:
    """The records of groups' units: by group and unit, the unit's row."""

    layout = "row"

    def __init__(self, table: GroupTable, members: Members) -> None:
        self._table = table
        self._members = members
        self.changed = table.units.joined

    def kept(self) -> Iterator[tuple[int, int]]:
        """Give every group's units."""
        for group in list(self._table):
            for unit in list(group.rows):
                yield group.key, unit

    def dump(self, keys: Iterable[tuple[int, int]]) -> Iterator[tuple[tuple[int, int], int | None]]:
        """Give the rows of units in groups."""
        for key, unit in keys:
            group = self._table.get(key)
            yield (key, unit), None if group is None else group.rows.get(unit)

    def load(self, records: Iterable[tuple[tuple[int, int], int]]) -> None:
        """Take units up whose rows are still theirs; the others are noted, to be cleared away."""
        for (key, unit), row in records:
            group = self._table.get(key)
            mine = row < self._members.limit
            if mine and group is not None and self._members.holds(row, group.mark(unit)):
                group.rows[unit] = row
            else:
                self.changed.add((key, unit))
