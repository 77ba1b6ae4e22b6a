"""Which groups a principal is in, and where its own row is: one small record a principal."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from distillgate.account.recent import Recent
from distillgate.campaign.sketch_table import SketchTable
from distillgate.records import Record as Written
from distillgate.records import decoder, encode

_GROUPS = 7
"""Groups remembered of one principal: those that most speaks for, of equals the latest joined. To
be one of many more costs an operator nothing: other clients, networks, prompts will do."""
_NO_ROW = -1
_UNKNOWN = (_NO_ROW,)

Record = tuple[int, ...]
"""The principal's own row in `SketchTable`, then the keys of its groups."""


class _Piece(Written):
    """Some principals, the longest unused first."""

    spared: bool
    entries: list[tuple[int, Record]]


class MembershipIndex:
    """Records by principal, bounded: groups forget without telling.

    The longest unused goes, rather one that never came twice (it has no row of its own). `link`
    says what speaks for a group, in nats: nothing of most, less of one that is gone.
    """

    def __init__(self, limit: int, link: Callable[[int], float] = lambda _: 0.0) -> None:
        self._link = link
        self._records: Recent[int, Record] = Recent(
            limit, place=int, worth=lambda record: float(record[0] != _NO_ROW)
        )
        self.numbers: dict[int, int] = {}
        """While a state is read: one object for each number. Principals, rows and keys are each in
        several places, and a number that is read is an object of up to 48 bytes."""

    def __len__(self) -> int:
        return len(self._records)

    def groups(self, principal: int) -> tuple[int, ...]:
        """Return the keys of the groups a principal was seen in, the latest joined last."""
        return (self._records.get(principal) or _UNKNOWN)[1:]

    def join(self, principal: int, key: int, gone: int | None = None) -> None:
        """Note that a principal is in a group, in the place of one that is `gone`."""
        row, *keys = self._records.get(principal) or _UNKNOWN
        kept = [*(other for other in keys if other not in (key, gone)), key]
        if len(kept) > _GROUPS:
            kept.remove(min(kept, key=self._link))
        self._put(principal, (row, *kept))

    def leave(self, principal: int, key: int, members: SketchTable) -> None:
        """Note that a principal is in a group no more; with its last one its own row goes too."""
        row, *keys = self._records.pop(principal) or _UNKNOWN
        left = [other for other in keys if other != key]
        if left:
            self._put(principal, (row, *left))
        elif row != _NO_ROW and members.holds(row, principal):
            members.release(row)

    def own_row(self, principal: int, members: SketchTable) -> int:
        """Return the row of all a principal's varying text; another where its last one was given
        up.
        """
        record = self._records.use(principal) or _UNKNOWN
        row = record[0]
        if row == _NO_ROW or not members.holds(row, principal):
            row = members.allot(principal)
            self._put(principal, (row, *record[1:]))
        return row

    def known_row(self, principal: int, members: SketchTable) -> int | None:
        """Return the row of all that a principal drew, None where it has none."""
        row = (self._records.get(principal) or _UNKNOWN)[0]
        return row if row != _NO_ROW and members.holds(row, principal) else None

    def own_rows(self, members: SketchTable) -> Callable[[Sequence[int]], NDArray[np.intp]]:
        """Return what looks up the rows of all that principals drew, of those that have one."""

        def look(principals: Sequence[int]) -> NDArray[np.intp]:
            rows = (self.known_row(principal, members) for principal in principals)
            return np.array([row for row in rows if row is not None], np.intp)

        return look

    def dump(self) -> Iterator[bytes]:
        """Write all principals, the longest unused of each shard first."""
        for spared, entries in self._records.pieces():
            yield encode(_Piece(spared, entries))

    def load(self, piece: bytes) -> None:
        """Read a piece of what `dump` wrote."""
        written: _Piece = _READ(piece)
        same = self.numbers.setdefault
        for principal, record in written.entries:
            one = tuple([same(number, number) for number in record])
            self._records.restore(same(principal, principal), one, spared=written.spared)

    def _put(self, principal: int, record: Record) -> None:
        self._records.put(principal, record)


_READ = decoder(_Piece)
