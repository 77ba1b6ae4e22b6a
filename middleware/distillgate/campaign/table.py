"""The bounded table of groups: which there are, which principals each has, and how they are
forgotten.

A group may have more principals than can be let go at once. One that is forgotten, or that went
into another, is out of the table at once; its principals are let go (or handed on) a few hundred at
a time.
"""

from collections import OrderedDict, deque
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple

import numpy as np
from msgspec.structs import replace

from distillgate.campaign.group import Group
from distillgate.campaign.membership_index import MembershipIndex
from distillgate.campaign.sketch_table import SketchTable
from distillgate.campaign.template import TemplateIndex
from distillgate.records import Record, decoder, encode

_COMPARED = 16
"""Groups of the longest quiet of which the least linked goes first."""
_LET_GO = 256
"""Principals let go at once."""
_UNITS = 512
"""Principals written at once."""


class _Leaving(NamedTuple):
    """A group whose principals are yet to be let go, or handed on to its heir."""

    group: Group
    heir: Group | None


class _End(Record):
    """Which of the groups that were written are what, by their places."""

    known: list[int]
    leaving: list[tuple[int, int]]
    """Groups that are gone and their heirs; -1 is none."""
    waiting: list[int]


class _Piece(Record):
    """A group without its principals, some principals of the group before, or what all of them
    are.
    """

    group: Group | None = None
    principals: bytes = b""
    rows: bytes = b""
    end: _End | None = None


class GroupTable:
    """Groups by key, the longest quiet first."""

    def __init__(self, limit: int, members: SketchTable, index: TemplateIndex) -> None:
        self._limit = limit
        self._members = members
        self._index = index
        self._groups: OrderedDict[int, Group] = OrderedDict()
        self._leaving: deque[_Leaving] = deque()
        self._loading: list[Group] = []
        """Groups that were read, until it is read what they are."""
        # Bounded apart from the groups: a group forgets principals without telling (`Group.prune`).
        groups = self._groups  # a method of the table would be a cycle, and free nothing at once
        self.principals = MembershipIndex(members.limit, lambda key: _link(groups.get(key)))

    def __len__(self) -> int:
        return len(self._groups)

    def __iter__(self) -> Iterator[Group]:
        return iter(self._groups.values())

    @property
    def leaving(self) -> bool:
        """Return whether principals of groups that are gone are yet to be let go."""
        return bool(self._leaving)

    def get(self, key: int) -> Group | None:
        """Look a group up by its key."""
        return self._groups.get(key)

    def known(self, keys: Iterable[int]) -> Iterator[Group]:
        """Return the groups that there are with these keys."""
        return (self._groups[key] for key in keys if key in self._groups)

    def holding(self, principal: int) -> list[Group]:
        """Return all groups that have a principal, also such as are gone; looks through every
        one.
        """
        gone = (leaving.group for leaving in self._leaving)
        return [group for group in (*self, *gone) if principal in group.rows]

    def use(self, group: Group, now: float) -> None:
        """Count a group as used."""
        self._groups.move_to_end(group.key)
        group.last_seen = max(group.last_seen, now)

    def put(self, group: Group) -> None:
        """Add a group, forgetting another where the table is full."""
        while len(self._groups) >= self._limit:
            self.forget(min(islice(self, _COMPARED), key=lambda group: group.link))
        if group.kind.textual:
            self._index.pin(group.key, pinned=True)
        self._groups[group.key] = group

    def join(self, group: Group, principal: int, row: int) -> None:
        """Note that a principal is in a group, and its row.

        A principal that was in many groups since is noted anew in those that something speaks for.
        """
        new = principal not in group.rows
        if new or (group.link > 0.0 and group.key not in self.principals.groups(principal)):
            self.principals.join(principal, group.key)
        group.rows[principal] = row

    def row(self, group: Group, principal: int) -> int:
        """Return a principal's row in a group of text; a new one where it has none (any more)."""
        row = group.row(principal, self._members)
        if row is None:
            row = self._members.allot(group.mark(principal))
        self.join(group, principal, row)
        return row

    def forget_quiet(self, before: float) -> None:
        """Forget the longest quiet group if nothing was seen of it since."""
        oldest = next(iter(self), None)
        if oldest is not None and oldest.last_seen < before:
            self.forget(oldest)

    def forget(self, group: Group, heir: Group | None = None) -> None:
        """Take a group out of the table; its principals go to its heir, or in their time."""
        if self._groups.pop(group.key, None) is None:
            return
        if group.kind.textual:
            self._index.pin(group.key, pinned=False)
        self._leaving.append(_Leaving(group, heir))

    def let_go(self) -> None:
        """Let go of some principals of groups that are gone: a bounded piece of work."""
        if not self._leaving:
            return
        group, heir = self._leaving[0]
        for _ in range(min(_LET_GO, len(group.rows))):
            principal, row = group.rows.popitem()
            if heir is not None:
                self._hand_on(group, heir, principal, row)
            else:
                self._leave(group, principal, row)
        if not group.rows:
            self._leaving.popleft()

    def _hand_on(self, group: Group, heir: Group, principal: int, row: int) -> None:
        heir.rows.setdefault(principal, row)
        self.principals.join(principal, heir.key, gone=group.key)

    def _leave(self, group: Group, principal: int, row: int) -> None:
        again = self._groups.get(group.key)  # it may have come back since
        known = again.rows.get(principal) if again is not None else None
        if known is None:
            self.principals.leave(principal, group.key, self._members)
        if group.kind.textual and known != row and self._members.holds(row, group.mark(principal)):
            self._members.release(row)

    def dump(self, waiting: Iterable[Group]) -> Iterator[bytes]:
        """Write all groups, the longest quiet first, those that are gone, and who waits."""
        gone = [leaving.group for leaving in self._leaving]
        heirs = [leaving.heir for leaving in self._leaving if leaving.heir is not None]
        groups = {id(group): group for group in (*self, *gone, *heirs, *waiting)}
        numbers = {known: number for number, known in enumerate(groups)}
        for group in groups.values():
            yield encode(_Piece(group=replace(group, rows={})))
            principals = iter(group.rows.items())
            while some := list(islice(principals, _UNITS)):
                table = np.array(some, np.uint64)
                yield encode(_Piece(principals=table[:, 0].tobytes(), rows=table[:, 1].tobytes()))
        leaving = [
            (numbers[id(group)], -1 if heir is None else numbers[id(heir)])
            for group, heir in self._leaving
        ]
        of_table, of_queue = ([numbers[id(group)] for group in some] for some in (self, waiting))
        yield encode(_Piece(end=_End(of_table, leaving, of_queue)))

    def load(self, piece: bytes) -> list[Group]:
        """Read a piece of what `dump` wrote; return who waits, which is in the last."""
        written: _Piece = _READ(piece)
        groups = self._loading
        if written.group is not None:
            groups.append(written.group)
        if written.principals:
            same = self.principals.numbers.setdefault
            pair = (
                [same(number, number) for number in np.frombuffer(part, np.uint64).tolist()]
                for part in (written.principals, written.rows)
            )
            groups[-1].rows.update(zip(*pair, strict=True))
        if written.end is None:
            return []
        self._groups.update((groups[at].key, groups[at]) for at in written.end.known)
        self._leaving.extend(
            _Leaving(groups[group], None if heir < 0 else groups[heir])
            for group, heir in written.end.leaving
        )
        self._loading = []
        return [groups[at] for at in written.end.waiting]


def _link(group: Group | None) -> float:
    """Return what speaks for a group in nats, less than nothing of one that is gone."""
    return max(0.0, group.link) if group is not None else -1.0


_READ = decoder(_Piece)
