"""Accounts that nothing ties: the latest that draw, compared with each other by their draws alone.

A campaign may share no prompt, no address, no card and no client. Its accounts still are fed by one
hand. All that draw are in one pool, also those that talk back; of the latest, cores are looked for
by one half of their draws and judged by the other (`campaign.weigh`). A core that is judged to be
one hand's becomes a group (`campaign.hands`).
"""

import math
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

import numpy as np

from distillgate.account.account import Account
from distillgate.account.conduct import Word
from distillgate.campaign.core import Search
from distillgate.campaign.group import Group
from distillgate.campaign.hand import ACCOUNTS, LEAST, SHORT
from distillgate.campaign.hands import Hands
from distillgate.campaign.jobs import Job
from distillgate.campaign.openers import Openers, opener_of
from distillgate.campaign.sample import Sample
from distillgate.campaign.searched import Searched
from distillgate.campaign.sketch_table import SketchTable, Text
from distillgate.campaign.split import MIN_UNITS, Judged, same, search
from distillgate.campaign.table import GroupTable
from distillgate.campaign.value import answered
from distillgate.fingerprint.observation import Observation
from distillgate.records import Part, Record, decoder, encode

_POOL = 1024
"""Accounts that are compared: those that drew last."""
_EVERY = 0.5
"""Draws between two searches, for each account that is compared: so a search costs an exchange the
same, however many they are."""
_FIRST = 48
"""Draws before the first search."""
_DAILY = 1000
"""Requests of an account in a day up to which each of its draws counts towards the next search.
Past them every other does, past twice as many every fourth, and so on, or one that asks without end
has all searched for what hardly moves where it lies (an eighth of what its exchange took)."""
_HALF = 2
"""Draws that either half of an account must have."""
_TAG = 0xFFFFFFFF
_WRITTEN = 256
"""Accounts written at once."""


class _Piece(Record):
    """What is kept of the pool: some of its accounts, the longest unused first, and its counts."""

    drawn: int
    due: int
    judged: int
    accounts: list[tuple[int, int]] = []


class Pool:
    """The accounts that drew last, and the hands that were found among them."""

    def __init__(
        self, members: SketchTable, table: GroupTable, hash_text: Callable[[str], int], base: Search
    ) -> None:
        self._members = members
        self._base = base
        self._openers = Openers()
        self._sample = Sample()
        self._hands = Hands(members, table, hash_text, base)
        self._latest: OrderedDict[int, int] = OrderedDict()
        """Row of each account that drew enough to be compared, the longest unused first."""
        self._due = _FIRST
        self._judged = 0
        """Cores that were judged so far: each was a chance to err."""

    def draws(self, seen: Observation, principal: int) -> bool:
        """Return whether an exchange is a draw; note that it was."""
        return self._openers.draws(seen.sent.conversation, seen.own.hash, principal)

    def learn(
        self, seen: Observation, account: Account, row: int, now: float, *, drawn: Sequence[Text]
    ) -> Iterator[Group]:
        """Count an exchange of an account with this row; yield the hands that its texts lie in.

        `drawn` are its texts, where it is a draw.
        """
        origin, principal = seen.sent.origin, account.principal
        self._members.answered[row] += answered(seen)
        self._members.payers[row] = (origin.payment or origin.network or 0) & _TAG
        opener = opener_of(seen, drawn, now)
        if opener is None:
            self._members.pass_by(row, now, goes_on=seen.sent.continues)
        else:
            self.draw(principal, row, opener, now, item=drawn[0], before=_today(account))
        return self._hands.of(principal, row)

    def draw(
        self,
        principal: int,
        row: int,
        opener: Text,
        now: float,
        *,
        item: Text | None = None,
        before: int = 0,
    ) -> None:
        """Count a draw: of several packed inputs their mean, and one of them as an `item`.

        `before` are the account's requests of the day so far (`counts`).
        """
        self._members.add((row,), opener.entry, now, opener.coin)
        self._sample.add(row, (item or opener).sketch.topic)
        self._due += not counts(opener.coin, before)
        if self._members.thinner(row) < _HALF:
            return
        self._latest[principal] = row
        self._latest.move_to_end(principal)
        if len(self._latest) > _POOL:
            self._latest.popitem(last=False)

    @property
    def is_due(self) -> bool:
        """Return whether enough was drawn for a search."""
        return self._sample.drawn >= self._due and len(self._latest) >= ACCOUNTS

    def examine(self, now: float) -> Job[list[Group]]:
        """Search, and judge what is found; return the hands whose evidence is new."""
        self._due = self._sample.drawn + max(_FIRST, int(_EVERY * len(self._latest)))
        self._hands.forget()
        searched = self._compared()
        if len(searched.rows) < MIN_UNITS:
            return []
        yield len(searched.rows)
        found = yield from search(searched.halves, self._base)
        self._judged += len(found)
        asked = LEAST + math.log(max(1, self._judged))
        changed: dict[int, Group] = {}
        passed: list[Judged] = []
        for one in sorted(found, key=lambda one: -one.evidence):
            least = max(asked, SHORT * one.of_a_dealer)
            if one.evidence < least or any(same(one.near, other.near) for other in passed):
                continue
            group = yield from self._hands.know(
                one, least, searched, self._sample, now, renewed=changed
            )
            if group is not None:
                changed.setdefault(group.key, group)
            else:
                passed.append(one)
        others = yield from self._hands.renew(searched, changed, self._sample, now)
        return [*changed.values(), *others]

    def _compared(self) -> Searched:
        """Return the accounts that are compared, in the order of their rows."""
        members = self._members  # a row may have been emptied since, and be its principal's again
        latest = ((u, r) for u, r in self._latest.items() if members.holds(r, u))
        held = {r: u for u, r in latest if members.thinner(r) >= _HALF}
        rows = np.array(sorted(held), np.intp)
        accounts = np.array([held[row] for row in rows.tolist()], np.uint64)
        return Searched(accounts, rows, self._members.halves(rows))

    def parts(self) -> dict[str, Part]:
        """Return what is written, by name."""
        return {"openers": self._openers.places, "draws": self._sample.places, "pool": self}

    def dump(self) -> Iterator[bytes]:
        """Write the accounts, the longest unused first, and what was counted."""
        counts = self._sample.drawn, self._due, self._judged
        accounts = iter(self._latest.items())
        yield encode(_Piece(*counts))
        while some := list(islice(accounts, _WRITTEN)):
            yield encode(_Piece(*counts, some))

    def load(self, piece: bytes) -> None:
        """Read a piece of what `dump` wrote."""
        written: _Piece = _READ(piece)
        self._sample.drawn, self._due, self._judged = written.drawn, written.due, written.judged
        self._latest.update(written.accounts)
        self._hands.restore()


def counts(coin: int, before: int) -> bool:
    """Return whether a draw counts towards the next search, by a keyed hash of its text.

    `before` are its account's requests of the day: what counts of many counts of fewer.
    """
    return not coin >> 1 & (1 << (before // _DAILY).bit_length()) - 1  # its first bit says the half


def _today(account: Account) -> int:
    """Return an account's requests of the day so far; of its first of a day, those of its last."""
    return account.conduct.words[Word.TODAY] if account.conduct is not None else 0


_READ = decoder(_Piece)
