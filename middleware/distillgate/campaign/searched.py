"""The accounts that were searched for hands, and what they say of one that is known."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from distillgate.campaign.core import Table
from distillgate.campaign.group import Group
from distillgate.campaign.hand import Means, OneHand
from distillgate.campaign.jobs import Job
from distillgate.campaign.split import MIN_UNITS, both_ways, means_of

_WEIGHED = 192
"""Accounts of a hand that are weighed at once: 2 ms of work."""


class Searched(NamedTuple):
    """The accounts that were searched."""

    accounts: NDArray[np.uint64]
    rows: NDArray[np.intp]
    halves: tuple[Table, Table]

    @property
    def whole(self) -> Table:
        """Both halves together."""
        return Table(*(one + other for one, other in zip(*self.halves, strict=True)))

    def halves_of(self, group: Group) -> tuple[Means, Means]:
        """Return the two halves of what a hand's accounts drew: of an even sample of those here."""
        among = (int(principal) in group.rows for principal in self.accounts)
        inside = np.flatnonzero(np.fromiter(among, bool))
        some = inside[:: max(1, -(-len(inside) // _WEIGHED))]
        first, second = (means_of(half.take(some)) for half in self.halves)
        return first, second


def clearest(found: Sequence[OneHand], group: Group, searched: Searched) -> Job[OneHand]:
    """Return that of what was found of a hand from which its accounts stray least.

    With it goes how much they drew, and which share of a dealer's evidence they show. Many people's
    front-ends are as alike as that only while they have few texts. Accounts that are more likely
    independent than one hand's end what it was held for.
    """
    first, second = searched.halves_of(group)
    if len(first.texts) < MIN_UNITS:
        return found[0]
    weighed = []
    for said in found:
        both = yield from both_ways(said.hand, first, second)
        now = replace(
            said,
            nats=said.nats if both.of_any > 0 else both.of_any,
            texts=float((first.texts + second.texts).mean()),
            reached=both.all.reached,
            in_manner=both.manner.reached,
            in_subject=both.subject.reached,
        )
        weighed.append(now)
    return max(weighed, key=lambda said: said.reached)
