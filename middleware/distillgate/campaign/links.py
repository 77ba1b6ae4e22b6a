"""Links only a gateway can see: what one account started, another goes on with.

Chat APIs are stateless, so every turn carries its history, and every answer can come back. Four
meetings are noted, as keyed hashes that expire:

- *conversation hop*: turn k came through A, turn k+1 of the same conversation comes through B;
- *answer provenance*: an answer this service gave to A comes back in a request of B;
- *failover adjacency*: what was refused to A is sent by B within seconds;
- *reasoning replay*: sealed reasoning that was handed to A is sent by B.

One meeting is chance, and a pair that keeps meeting is two colleagues, or a router's fallback key:
of a star, only the middle meets several. Principals that have each met several others are joined
(union-find), and a component that grows is a group of kind `LINKS`. Declared organisations are one
principal, so their pools make no links.
"""

from collections import Counter, OrderedDict, deque
from collections.abc import Iterator, Sequence
from enum import StrEnum
from itertools import islice

import numpy as np
from pydantic import PositiveInt

from distillgate.account.windows import DAY
from distillgate.fingerprint.conversation import Answered, Conversation
from distillgate.records import FrozenRecord, Part, Record, batched, decoder, encode
from distillgate.records.places import Places as Columns
from distillgate.settings import Places, Settings


class LinkSettings(Settings):
    """How meetings between principals are noted."""

    places: Places = 1 << 18
    """Places of each table of hashes (20 bytes each; a power of two); newcomers overwrite."""
    days: float = 14.0
    """How long an answer or a conversation is remembered."""
    failover_seconds: float = 10.0
    """How soon a refused request must reappear to be the same one."""
    max_units: PositiveInt = 100_000
    """Principals whose meetings are remembered."""


class Meeting(StrEnum):
    """How two principals met."""

    HOP = "conversations hop between accounts"
    ANSWER = "answers given to one account come back from another"
    FAILOVER = "what was refused to one account is sent by another within seconds"
    REASONING = "sealed reasoning handed to one account is sent by another"


_MERGED = 64
"""Merges remembered until somebody asks; one exchange makes a few."""
_POPULAR = 0
"""Stands for the principal of a hash that several principals showed: it ties nobody together."""


class Shown:
    """Which principal showed a hash, and when: a direct-mapped table, bounded and forgetful.

    Of one exchange it is asked for a handful of hashes. So it is read place by place, through views
    that give plain numbers: a tenth of what a number out of an array costs.
    """

    def __init__(self, places: int) -> None:
        self._mask = places - 1
        # Zeros that the system gives memory to only where they are written.
        columns = [np.zeros(size * places, np.uint8) for size in (4, 8, 8)]
        self._tags = columns[0].data.cast("I")
        self._principals = columns[1].data.cast("Q")
        self._at = columns[2].data.cast("d")
        kinds = np.uint32, np.uint64, np.float64
        self.places = Columns(*(c.view(kind) for c, kind in zip(columns, kinds, strict=True)))

    def note(self, hashes: Sequence[int], principal: int, now: float) -> None:
        """Remember that `principal` showed these hashes."""
        tags, principals, mask = self._tags, self._principals, self._mask
        for value in hashes:
            place, tag = value & mask, value >> 32
            shared = tags[place] == tag and principals[place] != principal
            tags[place] = tag
            principals[place] = _POPULAR if shared else principal
            self._at[place] = now

    def find(self, hashes: Sequence[int], now: float, within: float) -> dict[int, int]:
        """Return the principals that alone showed these hashes in the last seconds, and how many
        each.
        """
        tags, principals, mask = self._tags, self._principals, self._mask
        found: dict[int, int] = {}
        for value in hashes:
            place = value & mask
            if tags[place] == value >> 32 and now - self._at[place] <= within:
                principal = principals[place]
                if principal != _POPULAR:
                    found[principal] = found.get(principal, 0) + 1
        return found

    def popular(self, value: int) -> bool:
        """Return whether several principals showed this hash."""
        place = value & self._mask
        return self._tags[place] == value >> 32 and self._principals[place] == _POPULAR


class Met(FrozenRecord, frozen=True):
    """Whom a principal met, and how."""

    principal: int
    meeting: Meeting


_NOBODY = Met(_POPULAR, Meeting.HOP)


class _Piece(Record):
    """Some of what is known of principals, each in the order of its table."""

    let_out: list[int] = []
    merged: list[tuple[int, int]] = []
    partners: list[tuple[int, Met | None]] = []
    parents: list[tuple[int, int]] = []
    components: list[tuple[int, dict[str, int]]] = []


class Links:
    """Meetings between principals, and the components of principals that met repeatedly."""

    def __init__(self, settings: LinkSettings) -> None:
        self._settings = settings
        self._tables = {meeting: Shown(settings.places) for meeting in Meeting}
        self._partner: OrderedDict[int, Met | None] = OrderedDict()
        """The only one a principal has met; None where it has met several."""
        self._parent: dict[int, int] = {}
        self._met: OrderedDict[int, Counter[str]] = OrderedDict()
        self._out: dict[int, None] = {}
        """Principals that were let out of their component: they still tie others together."""
        self.merged: deque[tuple[int, int]] = deque(maxlen=_MERGED)
        """Roots of components that became one: the root that stayed, and the one that went."""

    def note(self, meeting: Meeting, hashes: Sequence[int], principal: int, now: float) -> None:
        """Remember what `principal` showed, for others to be met by."""
        self._tables[meeting].note(hashes, principal, now)

    def meet(self, meeting: Meeting, hashes: Sequence[int], principal: int, now: float) -> None:
        """Look up who showed these hashes before; count a meeting with each other principal."""
        within = self._settings.days * DAY
        if meeting is Meeting.FAILOVER:
            within = self._settings.failover_seconds
        needed = min(len(hashes), 2) if meeting is Meeting.ANSWER else 1
        for other, shown in self._tables[meeting].find(hashes, now, within).items():
            if other != principal and shown >= needed:
                self._count(meeting, principal, other)

    def popular(self, meeting: Meeting, value: int) -> bool:
        """Return whether several principals showed this hash: what everybody sends ties nobody
        together.
        """
        return self._tables[meeting].popular(value)

    def of(self, root: int) -> Counter[str]:
        """Return how the principals of a component met, none for what is not a component's root."""
        return self._met.get(root, Counter())

    def let_out(self, principal: int) -> None:
        """Take a principal out of its component until it meets several others anew."""
        self._partner.pop(principal, None)
        if principal in self._parent:
            self._out[principal] = None

    def _stay_in(self, principal: int) -> None:
        self._out.pop(principal, None)

    def component(self, principal: int) -> int | None:
        """Return the root of the component a principal acts with; None without links, or let
        out.
        """
        return self._root(principal) if principal not in self._out else None

    def _root(self, principal: int) -> int | None:
        if principal not in self._parent:
            return None
        while self._parent[principal] != principal:
            self._parent[principal] = self._parent[self._parent[principal]]
            principal = self._parent[principal]
        return principal

    def parts(self) -> dict[str, Part]:
        """Return what is written, by name."""
        shown = {f"shown, {name.name}": table.places for name, table in self._tables.items()}
        return {**shown, "links": self}

    def dump(self) -> Iterator[bytes]:
        """Write who met whom, and the components."""
        yield encode(_Piece(let_out=[*self._out], merged=[*self.merged]))
        for partners in batched(self._partner.items()):
            yield encode(_Piece(partners=partners))
        for parents in batched(self._parent.items()):
            yield encode(_Piece(parents=parents))
        for components in batched((root, dict(met)) for root, met in self._met.items()):
            yield encode(_Piece(components=components))

    def load(self, piece: bytes) -> None:
        """Read a piece of what `dump` wrote."""
        written: _Piece = _READ(piece)
        self._out.update(dict.fromkeys(written.let_out))
        self.merged.extend(written.merged)
        self._partner.update(written.partners)
        self._parent.update(written.parents)
        self._met.update((root, Counter(met)) for root, met in written.components)

    def _count(self, meeting: Meeting, principal: int, other: int) -> None:
        roams = [self._roams(principal, other, meeting), self._roams(other, principal, meeting)]
        if self._several(principal) and self._several(other):
            self._join(principal, other, meeting)
        for one, first in zip((principal, other), roams, strict=True):
            if first is not None and self._several(first.principal):  # that was no mere pair either
                self._join(one, first.principal, first.meeting)

    def _roams(self, principal: int, other: int, meeting: Meeting) -> "Met | None":
        """Note whom a principal met; where it turns out now that it meets several, give the
        first.
        """
        first = self._partner.pop(principal, Met(other, meeting))
        while len(self._partner) >= self._settings.max_units:
            self._partner.popitem(last=False)
        self._partner[principal] = first if first is not None and first.principal == other else None
        return first if self._partner[principal] is None else None

    def _several(self, principal: int) -> bool:
        return self._partner.get(principal, _NOBODY) is None

    def _join(self, principal: int, other: int, meeting: Meeting) -> None:
        new = {principal, other} - self._parent.keys()
        if new and len(self._parent) + len(new) > self._settings.max_units:
            self._forget_quiet()
        self._stay_in(principal)
        self._stay_in(other)
        first = self._root(self._parent.setdefault(principal, principal))
        second = self._root(self._parent.setdefault(other, other))
        assert first is not None
        assert second is not None
        if first != second:
            if self.of(first).total() < self.of(second).total():
                first, second = second, first  # a component stays the same group as it grows
            self._parent[second] = first
            self._met.setdefault(first, Counter()).update(self._met.pop(second, Counter()))
            self.merged.append((first, second))
        self._met[first][meeting] += 1
        self._met.move_to_end(first)

    def _forget_quiet(self) -> None:
        """Forget the half of the components that met the longest ago."""
        gone = set(islice(self._met, (len(self._met) + 1) // 2))
        quiet = [principal for principal in self._parent if self._root(principal) in gone]
        for principal in quiet:
            del self._parent[principal]
            self._stay_in(principal)
        for root in gone:
            del self._met[root]


def learn_meetings(
    links: Links,
    principal: int,
    conversation: Conversation,
    answer: Answered,
    *,
    refused: bool,
    now: float,
) -> None:
    """Let one exchange meet those before it, and be met by those to come."""
    if conversation.sealed:
        links.meet(Meeting.REASONING, conversation.sealed, principal, now)
    if conversation.before is not None:
        links.meet(Meeting.HOP, (conversation.before,), principal, now)
    telling = conversation.telling and not links.popular(Meeting.HOP, conversation.now)
    if telling:
        links.meet(Meeting.FAILOVER, (conversation.now,), principal, now)
    if conversation.carried:
        links.meet(Meeting.ANSWER, conversation.carried, principal, now)
    if refused:
        if telling:
            links.note(Meeting.FAILOVER, (conversation.now,), principal, now)
        return
    links.note(Meeting.HOP, (conversation.now,), principal, now)
    if answer.marks:
        links.note(Meeting.ANSWER, answer.marks, principal, now)
    if answer.sealed:
        links.note(Meeting.REASONING, answer.sealed, principal, now)


_READ = decoder(_Piece)
