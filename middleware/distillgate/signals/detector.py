"""A detector: one registration brings its question, its doubt and its row of the documentation."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

from distillgate.account.account import Account
from distillgate.signals.signal import Doubt, Family, Signal


class Reads(IntEnum):
    """What a detector reads of an account. It is not asked where that is not remembered."""

    ACCOUNT = 0
    """The account itself."""
    TEXTS = 1
    """Its varying texts."""
    CONDUCT = 2
    """How it is used."""


class Finding(NamedTuple):
    """What a detector found: its weight in nats, and a sentence that a person can check."""

    llr: float
    text: str
    since: float | None = None
    """When the first of the evidence was seen; None: as old as the account, or the group."""
    until: float | None = None
    name: str = ""
    """The signal's name, where a detector has several; else it is the detector's."""


Find = Callable[[Account, float], Finding | None]
"""Reads an account at a moment. Asked with every request: it returns None before it calculates."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Detector:
    """What is said of a detector, in one place."""

    name: str
    family: Family
    asks: str
    """What it asks, as its row of the documentation says it."""
    doubt: Doubt


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountDetector(Detector):
    """A detector of single accounts as it is registered."""

    find: Find
    reads: Reads = Reads.ACCOUNT
    indicator: int | None = None
    """Which of the indicators of advisory AA26-251A it is."""

    def __call__(self, account: Account, now: float) -> Signal | None:
        """Return the signal of one account, or None."""
        found = self.find(account, now)
        return None if found is None else self.signal(found, account)

    def signal(self, found: Finding, account: Account) -> Signal:
        """Return a finding as a signal. What is not dated is as old as the account."""
        llr, text, since, until, _ = found
        if since is None:
            since, until = account.first_seen, account.last_seen
        return Signal(self.name, self.family, llr, text, self.doubt, since, until)


def detector(
    family: Family,
    asks: str,
    doubt: Doubt,
    *,
    reads: Reads = Reads.ACCOUNT,
    indicator: int | None = None,
) -> Callable[[Find], AccountDetector]:
    """Register a function of a file in `signals/detectors` as the detector of accounts it names."""

    def register(find: Find) -> AccountDetector:
        return AccountDetector(
            name=find.__name__, family=family, asks=asks, doubt=doubt, find=find, reads=reads,
            indicator=indicator,
        )  # fmt: skip

    return register
