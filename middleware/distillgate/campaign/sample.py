"""A sample of the latest draws: how often one subject comes back among some accounts.

Honest accounts that work through one public set (a benchmark, a popular file of records) are as
alike as if one hand dealt it to them. They show in how items recur: everybody's items are the same
few thousand, a work list is dealt once.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from distillgate.campaign.dealt import DEALT, dealt
from distillgate.campaign.jobs import Job
from distillgate.fingerprint.sketch import TOPIC, Vector
from distillgate.native import passes
from distillgate.records.places import Places

_DRAWS = 1 << 14
"""Draws kept, 68 bytes each."""
_COMPARED, _ASKED = 1024, 4096
"""Of those of some accounts, the latest ones that are compared with each other; and of which it is
asked whether they were dealt several times, where they come back..."""
_ROWS = 64
"""...so many rows at once."""
_SAME = 0.85
"""Cosine of two subjects from which the draws count as one item."""
_SCALE = 127.0
_WHOLE = np.dtype((np.void, TOPIC))
_MIXED = 0x9E3779B1
"""What an item's number is multiplied by, in 32 bits, so that items are in no order of time."""
_RECURS = 1.5
"""Draws an item from which accounts draw from a set, whatever its size. Key-free campaigns on
public text came to 1.0 to 1.3, honest accounts over one public set to 1.9 to 6.7..."""
_SET, _BACK = 3_000.0, 1.15
"""...and from which a set of fewer items is a public one. Lists that were dealt once came to 1.13;
sets of 1,300 items are seen from some 400 draws on, before they come back more often."""


_POPULAR = 4
"""Accounts that an item counts as drawn by, at most. Seven texts that a third of a ring's accounts
sent beside a list of their own made it a public set: 1.5 accounts an item, and 1.06 so."""


class Recurrence(NamedTuple):
    """How the items of some accounts come back."""

    distinct: float
    """Different items, extrapolated to all that were drawn."""
    mean: float
    """Accounts that drew an item."""
    items: float
    """Items that there are to draw, those that nobody drew yet included."""
    dealt: float = 0.0
    """Evidence that somebody dealt each so often (`campaign.dealt`), in nats."""

    @property
    def of_a_set(self) -> bool:
        """Return whether the items are a public set's, and not a list's that somebody deals."""
        comes_back = self.mean > _RECURS or (self.mean > _BACK and self.items < _SET)
        return comes_back and self.dealt < DEALT

    def weighed(self, senders: Sequence[tuple[int, Sequence[int]]]) -> Job["Recurrence"]:
        """Ask of items that come back whether they were dealt, by who sent each."""
        return self._replace(dealt=(yield from dealt(senders)))


class Sample:
    """The latest draws, in a ring: whose, and of what subject."""

    def __init__(self) -> None:
        self._rows = np.zeros(_DRAWS, np.uint32)
        self._topics = np.zeros((_DRAWS, TOPIC), np.int8)
        self._view = self._topics.reshape(-1).data
        self.places = Places(self._rows, self._topics)
        self.drawn = 0
        """Draws that were noted in all."""

    def add(self, row: int, topic: Vector) -> None:
        """Note a draw of the account with this row."""
        place = self.drawn % _DRAWS
        self._rows[place] = row
        write_subject(self._view, place, topic, _SCALE)
        self.drawn += 1

    def recurrence(self, rows: NDArray[np.intp], drawn: float) -> Job[Recurrence]:
        """Estimate how often an item comes back, from others, over all `drawn` draws of some
        accounts.
        """
        newest = (self.drawn - 1 - np.arange(min(self.drawn, _DRAWS))) % _DRAWS
        held = newest[np.isin(self._rows[newest], rows)][:_ASKED]
        yield _DRAWS // 16
        latest = held[:_COMPARED]
        items = yield from self._items(latest)
        senders = _senders(items, self._rows[latest])
        # What one account asks again is its own: of a set others draw the same.
        counts = np.array([min(_POPULAR, len(some)) for _, some in senders], np.intp)
        drawn *= float(counts.sum()) / max(1, len(items))
        distinct, there_are = extrapolated(counts, drawn)
        found = Recurrence(distinct, drawn / max(1.0, distinct), there_are)
        if found.of_a_set:
            if len(held) > _COMPARED:
                items = yield from self._items(held)
                senders = _senders(items, self._rows[held])
            found = yield from found.weighed(senders)
        return found

    def _items(self, draws: NDArray[np.intp]) -> Job[NDArray[np.intp]]:
        """Return which item each of some draws is: the first of those that are the same."""
        drawn = self._topics[draws]
        _, first, of = np.unique(drawn.view(_WHOLE)[:, 0], return_index=True, return_inverse=True)
        # A text without words is like none, not even itself.
        worded = np.asarray(drawn.any(axis=1))
        yield len(draws)
        chosen = np.sort(first[worded[first]])
        topics = drawn[chosen].astype(np.float32)
        topics /= np.linalg.norm(topics, axis=1, keepdims=True)
        items = np.arange(len(draws))
        for at in range(0, len(chosen), _ROWS):
            same = topics[at : at + _ROWS] @ topics[: at + _ROWS].T > _SAME
            items[chosen[at : at + _ROWS]] = items[chosen[same.argmax(axis=1)]]
            yield min(_COMPARED, at)
        return np.where(worded, items[first[of]], items)


def _senders(items: NDArray[np.intp], rows: NDArray[np.uint32]) -> list[tuple[int, list[int]]]:
    """Return who drew each item, and a hash of it."""
    senders: dict[int, set[int]] = {}
    for item, row in zip(items.tolist(), rows.tolist(), strict=True):
        senders.setdefault(item * _MIXED & 0xFFFFFFFF, set()).add(row)
    return [(mixed, sorted(some)) for mixed, some in senders.items()]


def fill_subject(topics: memoryview, place: int, topic: Vector, scale: float) -> None:
    """Write a subject in steps of eight bits."""
    row = np.asarray(topics[place * TOPIC : (place + 1) * TOPIC])
    np.rint(topic * scale, out=row, casting="unsafe")


write_subject = fill_subject if passes is None else passes.write_subject
"""The same, by the compiled pass where there is one."""


def extrapolated(counts: NDArray[np.intp], drawn: float) -> tuple[float, float]:
    """Estimate how many items there are in `drawn` draws, and in all, from those of a sample.

    Chao's estimator of what was not seen, and its extrapolation (Chao et al. 2014, Ecological
    Monographs 84): from items that were seen once and twice.
    """
    sampled, seen = float(counts.sum()), float(len(counts))
    more = drawn - sampled
    once, twice = float((counts == 1).sum()), float((counts == 2).sum())
    unseen = once * once / (2 * twice) if twice else once * (once - 1) / 2
    if more <= 0 or not unseen:
        return seen, seen + unseen
    rate = once / (sampled * unseen + once)
    return float(seen + unseen * (1.0 - (1.0 - rate) ** more)), seen + unseen
