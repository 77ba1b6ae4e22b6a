"""Hands that were found: groups of accounts whose texts alone say that one operator feeds them.

A hand is a group like any other. Its accounts are those that the search found, and those that come
to lie in it; it is examined with the pool and not for having grown.
"""

from collections import Counter
from collections.abc import Callable, Container, Iterator, Mapping

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from distillgate.campaign.belonging import (
    CERTAIN,
    TEAM,
    apart,
    belongs,
    differences,
    membership,
    neighbours,
    teams,
)
from distillgate.campaign.core import Search, centre
from distillgate.campaign.dispersion import loads
from distillgate.campaign.evidence import Evidence, Taken
from distillgate.campaign.exchangeability import intraclass
from distillgate.campaign.group import Group
from distillgate.campaign.hand import ACCOUNTS, ALIKE, OneHand
from distillgate.campaign.jobs import Job
from distillgate.campaign.keys import Key, Kind
from distillgate.campaign.sample import Recurrence, Sample
from distillgate.campaign.searched import Searched, clearest
from distillgate.campaign.sketch_table import SketchTable
from distillgate.campaign.split import Judged, hand_of, means_of
from distillgate.campaign.table import GroupTable

_ITEMS = 450.0
"""Different items that a hand must have dealt: what one actor may take."""
_HANDS = 16
"""Hands that are known at once; the one with the least evidence goes."""
_SAME = 0.5
"""Share of a known hand's accounts, or of those that are found, that makes both one."""
_OFFICE = 0.5
"""Share of a network's accounts up to which those in a hand are its office's, not a proxy's."""
_REPEATS = 256
"""Texts that are sampled of a hand's, with who sent each: it is asked whether they were dealt."""
_NEVER = 1 << 62
"""A hand is not due for having grown."""
_COUNTED = 50
"""Exchanges from which it is known how a hand's accounts go on, and how openly they work."""
_CLOCK = 3.0
"""Independent dimensions of the clock."""
_LOADED = 4
"""Draws from which accounts' loads are compared: those that are searched have as many."""
_COMPARED = 1024
"""Accounts whose loads and hours are compared."""


class Hands:
    """The hands that are known, bounded."""

    def __init__(
        self, members: SketchTable, table: GroupTable, hash_text: Callable[[str], int], base: Search
    ) -> None:
        self._members = members
        self._table = table
        self._hash = hash_text
        self._blocks = base.blocks
        self._known: list[Group] = []

    def of(self, principal: int, row: int) -> Iterator[Group]:
        """Yield the hands that an account's texts lie in; those that it is new to it joins."""
        members, drawn = self._members, None
        for group in self._known:
            if group.row(principal, members) is None:
                drawn = drawn or members.sums(row)
                found = group.evidence.one_hand if group.evidence is not None else None
                payer = int(members.payers[row])
                if found is None or membership(found, payer, *drawn) < CERTAIN:
                    continue
            self._table.join(group, principal, row)
            yield group

    def know(
        self, found: Judged, asked: float, searched: Searched, sample: Sample, now: float,
        *, renewed: Container[int] = (),
    ) -> Job[Group | None]:  # fmt: skip
        """Make a core that is one hand's a group, or renew the group that it is.

        Those that were `renewed` by clearer cores of the same search stay as they are.
        """
        said, belong = yield from self._lying(found, asked, searched)
        rows = dict(
            zip(searched.accounts[belong].tolist(), searched.rows[belong].tolist(), strict=True)
        )
        group = self._same(rows)
        if group is not None and group.key in renewed:
            return None
        if group is None:
            if len(rows) < ACCOUNTS or found.alike < ALIKE:
                return None
            items = yield from self._items(self._held(rows), sample)
            if items.of_a_set or items.distinct < _ITEMS:
                return None
            group = self._create(min(rows), now)
        for principal, row in rows.items():
            if group.row(principal, self._members) is None:
                self._table.join(group, principal, row)
        yield len(rows)
        yield from self._renew(group, [said], searched, sample, now)
        return group

    def _items(self, held: NDArray[np.intp], sample: Sample) -> Job[Recurrence]:
        return sample.recurrence(held, float(self._members.texts[held].sum()))

    def _renew(
        self, group: Group, found: list[OneHand], searched: Searched, sample: Sample, now: float
    ) -> Job[bool]:
        """Renew what a hand shows; return False where its accounts drew too long ago for that.

        A search may find more than the hand, whose centre is not its accounts' then: of where its
        texts were found to lie, now or before, that counts from which they stray least.
        """
        known = group.evidence.one_hand if group.evidence is not None else None
        said = yield from clearest([*found, *filter(None, [known])], group, searched)
        if said is known:
            return False
        if known is not None and said.hand is known.hand:
            said, _ = yield from self._amid(said, searched)
        items = yield from self._items(self._held(group.rows), sample)
        if items.of_a_set:
            items = yield from items.weighed([*group.repeats.principals.items()])
        held = self._held(group.rows)  # accounts may have been forgotten between two slices
        if len(held):
            said = replace(said, recurrence=items.mean, of_a_set=items.of_a_set)
            group.evidence = self._evidence(group, said, items, held, now)
        return True

    def _held(self, rows: Mapping[int, int]) -> NDArray[np.intp]:
        """Return the rows of accounts that are still theirs and hold texts."""
        held = np.array([r for u, r in rows.items() if self._members.holds(r, u)], np.intp)
        return held[self._members.texts[held] > 0]

    def _lying(
        self, found: Judged, asked: float, searched: Searched
    ) -> Job[tuple[OneHand, NDArray[np.bool_]]]:
        """Return where a hand's texts lie and what is near it, and which accounts belong."""
        whole = searched.whole
        core = centre(whole.take(found.near), 0.5, self._blocks)
        share = len(found.near) / len(searched.rows)
        said = OneHand(hand_of(core), found.evidence, asked, len(found.near), share, 1.0)
        spread, personas = differences(said.hand, means_of(whole).take(found.near), found.purity)
        said = replace(said, spread=spread, personas=personas)
        return (yield from self._amid(said, searched))

    def _amid(self, said: OneHand, searched: Searched) -> Job[tuple[OneHand, NDArray[np.bool_]]]:
        """Return a hand with who is near it and another's, and which accounts belong."""
        means, payers = means_of(searched.whole), self._members.payers[searched.rows]
        said = replace(said, apart=apart(said, payers, means))
        yield len(searched.rows)
        own = ~np.isin(payers, np.array(said.apart, np.uint32))
        inside, near = neighbours(said, means.take(own))
        said = replace(said, inside=inside, neighbours=near)
        yield len(searched.rows)
        belong = own & (belongs(said, means) >= CERTAIN)
        others = teams(payers, belong, self._among_others(searched.accounts, belong))
        yield len(searched.rows)
        said = replace(said, apart=(*said.apart, *others))
        return said, belong & ~np.isin(payers, np.array(others, np.uint32))

    def _among_others(
        self, accounts: NDArray[np.uint64], belong: NDArray[np.bool_]
    ) -> NDArray[np.bool_]:
        """Return which of the accounts that belong work from a network of many accounts of which
        at most half belong.
        """
        networks = {
            principal: group
            for principal in accounts[belong].tolist()
            for group in self._table.known(self._table.principals.groups(principal))
            if group.kind is Kind.NETWORK and len(group.rows) >= TEAM
        }
        inside = Counter(group.key for group in networks.values())
        others = {
            principal
            for principal, group in networks.items()
            if inside[group.key] <= _OFFICE * len(group.rows)
        }
        return np.array([principal in others for principal in accounts.tolist()], bool)

    def renew(
        self, searched: Searched, renewed: Container[int], sample: Sample, now: float
    ) -> Job[list[Group]]:
        """Renew what the hands show that were not found again; return them.

        What a hand was held for stays until its accounts are more likely independent than one
        hand's: then it is none any more.
        """
        changed = []
        for group in [group for group in self._known if group.key not in renewed]:
            yield len(searched.rows)
            if (yield from self._renew(group, [], searched, sample, now)):
                changed.append(group)
        return changed

    def forget(self) -> None:
        """Let go of hands that are none any more, or that the table forgot."""
        self._known = [group for group in self._known if self._table.get(group.key) is group]
        for group in [*self._known]:
            said = group.evidence.one_hand if group.evidence is not None else None
            if said is None or said.nats <= 0:
                self._drop(group)

    def restore(self) -> None:
        """Find the hands among the groups that were read."""
        self._known = [group for group in self._table if group.kind is Kind.HAND]

    def _follows(self, rows: NDArray[np.intp]) -> float:
        """Return the share of an account's requests that go on from an answer, at the median."""
        turns = self._members.turns[rows]
        return float(np.median(turns / np.maximum(1, turns + self._members.texts[rows])))

    def _same(self, rows: Mapping[int, int]) -> Group | None:
        """Return the hand that has about these accounts, or about all of whose these are."""
        best = max(self._known, key=lambda group: _common(group, rows), default=None)
        if best is None:
            return None
        fewer = max(1, min(len(rows), len(best.rows)))
        return best if _common(best, rows) >= _SAME * fewer else None

    def _create(self, first: int, now: float) -> Group:
        key = Key(Kind.HAND, self._hash(f"hand {now!r} {first}"))
        group = Group.new(key, now, sample=_REPEATS, due=_NEVER)
        if len(self._known) >= _HANDS:
            self._drop(min(self._known, key=lambda group: group.link))
        self._table.put(group)
        self._known.append(group)
        return group

    def _drop(self, group: Group) -> None:
        self._known.remove(group)
        self._table.forget(group)

    def _taken(self, group: Group, rows: NDArray[np.intp], exchanges: float) -> Taken:
        """Return what a hand's accounts took, those before they joined included.

        Nothing before it was seen how openly they work: an honest company is not held to a ring's
        budget meanwhile.
        """
        if group.exchanges < _COUNTED:
            return Taken()
        tokens = float(self._members.answered[rows].sum())
        return Taken(tokens, tokens / max(1.0, exchanges), group.shared.read())

    def _evidence(
        self,
        group: Group,
        said: OneHand,
        items: Recurrence,
        rows: NDArray[np.intp],
        now: float,
    ) -> Evidence:
        table = self._members.table(rows[-_COMPARED:])
        turns, texts = self._members.turns[rows], self._members.texts[rows]
        drawn, exchanges = float(texts.sum()), float(texts.sum() + turns.sum())
        return Evidence(
            principals=len(group.rows),
            population=len(self._table.principals),
            examined=len(rows),
            exchanges=int(exchanges),
            texts=drawn,
            distinct=items.distinct,
            repeats=0.0,
            multiplicity=1.0,
            coverage=0.0,
            follows=self._follows(rows),
            expansion=group.expansion,
            elicits=group.elicited / max(1, group.exchanges),
            topic=None,
            style=None,
            clock=intraclass(table.clock_sums(), _CLOCK, pooled=True),
            core=None,
            whole=False,
            clarity=0.0,
            loads=loads(table.texts, _LOADED),
            meetings={},
            life=replace(group.life),
            returned=None,
            examined_at=now,
            taken=self._taken(group, rows, exchanges),
            one_hand=said,
        )


def _common(group: Group, rows: Mapping[int, int]) -> int:
    return sum(principal in group.rows for principal in rows)
