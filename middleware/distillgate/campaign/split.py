"""Looking for one hand: cores that one half of the texts chooses, judged by the other."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from distillgate.campaign.core import Search, Table, centre, cores
from distillgate.campaign.evidence import Core
from distillgate.campaign.hand import Hand, Means
from distillgate.campaign.jobs import Job
from distillgate.campaign.weigh import SEARCHED, WEIGHING, Said, members, weigh

MIN_UNITS = 12
"""Principals that a core must have to be judged."""
_SEEDS = 24
"""Starting points: most of the principals belong to nobody."""
_CORES, _SAME = 3, 0.5
"""Cores of one half that are judged, the likeliest ones: two crowds of public sets hid a campaign.
Those that share so many of their principals are one."""


class Judged(NamedTuple):
    """A core that one half chose, and what the other says of it."""

    hand: Hand
    near: NDArray[np.intp]
    """Places of the principals that it was judged by."""
    said: Said
    purity: float
    """Share of these principals that seem the hand's: strangers bring nothing."""
    other: float = 0.0
    """What `in_any` comes to of the core that the other half chose in its place; 0: it chose none,
    which says nothing for this one."""

    @property
    def evidence(self) -> float:
        """Return the evidence that it is one hand's, in nats."""
        return self.said.of_any

    @property
    def of_a_dealer(self) -> float:
        """Return the evidence that as many accounts of a dealer's would come to."""
        return self.purity * self.said.all.of_a_dealer

    @property
    def in_any(self) -> float:
        """Return the most that all features, manner or subject say of what a dealer's would come
        to in them: a list that is sorted falls short in subject, personas in manner.
        """
        said = self.said
        return max(one.reached for one in (said.all, said.manner, said.subject)) / self.purity

    @property
    def alike(self) -> float:
        """Return the mean of that over both halves."""
        return 0.5 * (self.in_any + self.other)


def search(halves: tuple[Table, Table], base: Search) -> Job[list[Judged]]:
    """Look for cores in either half, and judge each by the other."""
    search = base._replace(seeds=_SEEDS, blocks=SEARCHED, crowded=1.0, min_units=MIN_UNITS)
    found = []
    for chosen, judged in (halves, halves[::-1]):
        for core, principals in (yield from _choose(chosen, search)):
            hand = hand_of(core)
            one, other = (means_of(half.take(principals)) for half in (chosen, judged))
            said = weigh(hand, one, other)
            purity, _ = members(said.weights)
            found.append(Judged(hand, principals, said, purity))
            yield len(principals)
    return [one._replace(other=_other(one, found)) for one in found]


def _other(one: Judged, found: list[Judged]) -> float:
    others = (other.in_any for other in found if other is not one and same(other.near, one.near))
    return max(others, default=0.0)


def _choose(table: Table, search: Search) -> Job[list[tuple[Core, NDArray[np.intp]]]]:
    """Choose the likeliest cores that differ, and who is near each."""
    chosen: list[tuple[Core, NDArray[np.intp]]] = []
    if len(table.texts) < search.min_units:
        return chosen
    for core, odds in (yield from cores(table, search)):
        near = np.flatnonzero(odds > 0)
        if len(near) >= search.min_units and not any(same(near, some) for _, some in chosen):
            chosen.append((centre(table.take(near), core.share, search.blocks), near))
        yield len(table.texts) // _SEEDS
        if len(chosen) == _CORES:
            break
    return chosen


def same(one: NDArray[np.intp], other: NDArray[np.intp]) -> bool:
    """Return whether cores with these principals near them are one."""
    return len(np.intersect1d(one, other, assume_unique=True)) >= _SAME * min(len(one), len(other))


def hand_of(core: Core) -> Hand:
    """Return where a core's texts lie, feature by feature."""
    places = len(core.topic)
    subject = np.full(places, core.topic_within / places)
    return Hand(
        np.concatenate((core.topic, core.style)), np.concatenate((subject, core.style_within))
    )


def means_of(table: Table) -> Means:
    """Return the means of a table's principals."""
    texts = table.texts[:, None]
    return Means(texts, np.hstack((table.topic, table.style)) / texts)


def both_ways(hand: Hand, first: Means, second: Means) -> Job[Said]:
    """Weigh accounts by each of their halves, the other having said where they lie.

    What is returned is the most that either says, against the least that a dealer's would.
    """
    one = weigh(hand, first, second)
    yield WEIGHING * len(first.texts)
    other = weigh(hand, second, first)
    yield WEIGHING * len(first.texts)
    return one._replace(
        all=one.all.or_else(other.all),
        manner=one.manner.or_else(other.manner),
        subject=one.subject.or_else(other.subject),
    )
