"""Whether a group's accounts hide that they belong together: which card, address and client.

A company that spreads its work over keys pays with one card, from one office. A campaign that is to
outlive a ban does not. Of each of some accounts, drawn by their hashes, is kept what they share, as
32 bits of keyed hashes, and how much they took.
"""

import math
import struct
from collections import Counter
from collections.abc import Container, Iterable, Sequence
from typing import NamedTuple

import xxhash

from distillgate.account.account import Account, Packed
from distillgate.account.distinct import Distinct
from distillgate.account.windows import DAY
from distillgate.fingerprint.observation import Observation, Sent
from distillgate.records import FrozenRecord, Record

_ACCOUNTS = 48
"""Accounts sampled a group (32 bytes each): a share of them is told to 0.07."""
_YOUNG = 14 * DAY
"""Age from which an account was not opened for the work at hand. A ring that wants to look like a
company has to keep each account for so long, within what is one's own that hides."""
_ROW = struct.Struct("<IIIIfHBx")
"""Card, network, client and organisation (0: not known), what it took, how much the network leads
the others (Boyer and Moore 1981: what most requests come from stays), whether it was of age."""
_TAG, _MOST = 0xFFFFFFFF, 0xFFFF


class Openness(FrozenRecord, frozen=True):
    """How far a group's accounts show that they belong together; shares in [0, 1]."""

    card: float = 0.0
    """Of the other accounts, those that pay with the same card as one: the most that do..."""
    address: float = 0.0
    """...and those that come from the same network."""
    together: float = 0.0
    """Share of the accounts that share a card or a network with another, whichever is more."""
    cards: float = 0.0
    """How many cards there are, counted by how evenly they are used; 0 where none is known."""
    client: float = 0.0
    """Share of the accounts with the commonest client."""
    young: float = 1.0
    """Share of the accounts that were less than a fortnight old when they last sent something."""
    declared: float = 0.0
    """Share of the accounts that name the same organisation."""
    organised: float = 0.0
    """Share of the accounts that name one, whichever."""

    @property
    def shared(self) -> float:
        """How far the accounts share a card or a network, whichever says more."""
        return max(self.card, self.address)


class Row(NamedTuple):
    """What is known of one account of the sample."""

    card: int = 0
    network: int = 0
    client: int = 0
    organisation: int = 0
    taken: float = 0.0
    lead: int = 0
    of_age: int = 0


class Shared(Record):
    """What a sample of a group's accounts share, drawn by the smallest of their hashes."""

    _principals: bytes
    rows: bytes = b""
    """A `Row` of each, in their order."""

    principals = Packed(Distinct)

    @classmethod
    def none(cls) -> "Shared":
        """Return the sample of no account."""
        return cls(bytes(Distinct.of(_ACCOUNTS)))

    def count(
        self, account: Account, seen: Observation, taken: float, now: float, seed: int
    ) -> None:
        """Count one exchange of an account that took so many value tokens; `seed` keys hashes."""
        found = self.principals.place(account.principal)
        if found is None:
            return
        place, known = found
        row = Row(*_ROW.unpack_from(self.rows, place * _ROW.size)) if known else Row()
        learned = _learn(row, account, seen.sent, taken, now, seed)
        self._put(account.principal, place, learned, known=known)

    def absorb(self, other: "Shared") -> None:
        """Add the accounts of another sample; the union's smallest hashes sample the union."""
        rows = _ROW.iter_unpack(other.rows)
        for principal, row in zip(other.principals.values, rows, strict=True):
            found = self.principals.place(principal)
            if found is not None and not found[1]:
                self._put(principal, found[0], Row(*row), known=False)

    @property
    def sound(self) -> bool:
        """Return whether these are a sample at all: a row of each, and a sum in it."""
        principals = self.principals
        if not principals.sound or len(self.rows) != len(principals.values) * _ROW.size:
            return False
        return all(0 <= row.taken < math.inf for row in self._rows())

    def read(self, among: Container[int] | None = None) -> Openness:
        """Return how far the accounts, or those of them that are `among` others, show that they
        belong together.
        """
        rows = self._rows(among)
        if not rows:
            return Openness()
        cards = Counter(row.card for row in rows if row.card)
        return Openness(
            card=_shared(rows, "card"),
            address=_shared(rows, "network"),
            together=max(_together(rows, "card"), _together(rows, "network")),
            cards=_effective(cards.values()),
            client=_commonest(row.client for row in rows) / len(rows),
            young=sum(not row.of_age for row in rows) / len(rows),
            declared=_commonest(row.organisation for row in rows) / len(rows),
            organised=sum(row.organisation > 0 for row in rows) / len(rows),
        )

    def took(self, among: Container[int]) -> float:
        """Return which share of what all took those took that are `among` others."""
        taken = sum(row.taken for row in self._rows())
        return sum(row.taken for row in self._rows(among)) / taken if taken else 0.0

    def _rows(self, among: Container[int] | None = None) -> list[Row]:
        rows = zip(self.principals.values, _ROW.iter_unpack(self.rows), strict=True)
        return [Row(*row) for who, row in rows if among is None or who in among]

    def _put(self, principal: int, place: int, row: Row, *, known: bool) -> None:
        at, size = place * _ROW.size, _ROW.size
        rest = self.rows[at + size :] if known else self.rows[at:]
        self.rows = (self.rows[:at] + _ROW.pack(*row) + rest)[: _ACCOUNTS * size]
        if not known:
            self.principals = self.principals.insert(place, principal)


def _learn(row: Row, account: Account, sent: Sent, taken: float, now: float, seed: int) -> Row:
    origin = sent.origin
    network, lead = row.network, row.lead
    here = (origin.network or 0) & _TAG
    if here and here != network:
        network, lead = (network, lead - 1) if lead else (here, 1)
    elif here:
        lead = min(_MOST, lead + 1)
    organisation = 0
    if sent.organisation is not None:
        organisation = xxhash.xxh32_intdigest(sent.organisation.encode(), seed & _TAG) or 1
    # Where nobody tells when it was opened it was when it came.
    opened = account.created if account.created is not None else account.first_seen
    return Row(
        card=(origin.payment or 0) & _TAG or row.card,
        network=network,
        client=(origin.client or 0) & _TAG or row.client,
        organisation=organisation,
        taken=row.taken + taken,
        lead=lead,
        of_age=int(now - opened >= _YOUNG),
    )


def _shared(rows: Sequence[Row], what: str) -> float:
    """Return how many of the other accounts share what the most share: in number, or in what they
    took where that is less, since accounts that do nothing are cheap.
    """
    values = [getattr(row, what) for row in rows]
    [(most, count)] = Counter(value for value in values if value).most_common(1) or [(0, 0)]
    if count < 2:
        return 0.0
    share = (count - 1) / (len(rows) - 1)
    taken = sum(row.taken for row in rows)
    theirs = sum(row.taken for row, value in zip(rows, values, strict=True) if value == most)
    return min(share, theirs / taken) if taken else share


def _together(rows: Sequence[Row], what: str) -> float:
    """Return the share of the accounts of which another shares what they have."""
    counts = Counter(value for row in rows if (value := getattr(row, what)))
    return sum(count for count in counts.values() if count > 1) / len(rows)


def _commonest(values: Iterable[int]) -> int:
    counts = Counter(value for value in values if value)
    return max(counts.values(), default=0)


def _effective(counts: Iterable[int]) -> float:
    """Return how many equally frequent things are as uncertain as these: exp of the entropy."""
    known = list(counts)
    shares = [count / sum(known) for count in known]
    return math.exp(-sum(share * math.log(share) for share in shares)) if shares else 0.0
