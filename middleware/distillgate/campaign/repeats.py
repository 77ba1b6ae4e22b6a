"""How the same items come back over a group's principals: a crowd's benchmark, or a dealt work
list.

A bottom-k (KMV) sample of the distinct varying texts (Bar-Yossef et al. 2002; Beyer et al. 2007),
each with the principals that sent it. People who draw from one small set (a benchmark, a class)
each cover much of it, and items repeat as by chance; a list dealt k times for rejection sampling
comes back k times, and no more (`campaign.dealt`); a list dealt once does not repeat at all.
"""

from collections import Counter
from itertools import chain
from typing import NamedTuple

from distillgate.account.account import Packed
from distillgate.account.distinct import Distinct
from distillgate.campaign.dealt import SENDERS, dealt
from distillgate.campaign.jobs import Job
from distillgate.records import Record

_MANY = 0.05
"""Share of texts that must have come back for it to be asked whether they were dealt."""
_EACH, _MOST = 8, 1024
"""Texts for each principal of its group, and in all, up to which a full sample of which one came
back grows. Of two copies of each of 3,000 items, sent in any order, a sample of
192 tells once half is sent, one of 1,024 once a third is."""
_IN_ALL = 192 * SENDERS
"""Senders of all sampled texts together, beyond which the sample is cut to three quarters: as
many as 192 texts may have, 50 KB, which other cells can be told."""


class Multiplicity(NamedTuple):
    """How the sampled texts repeat over principals."""

    distinct: float
    """Different texts in all, estimated."""
    repeated: float
    """Share of them that several principals sent, in [0, 1]."""
    mean: float
    """Principals a text, on average."""
    items: float
    """Different texts that there are to draw from, those that nobody drew yet included (Chao 1984,
    by how many one and two principals sent: those that come back often are no part of it)."""
    dealt: float = 0.0
    """Evidence that somebody dealt each so often, in nats."""
    common: float = 0.0
    """Share of what a principal sent that others sent, too: the mean over principals, each of whom
    counts once, since one of much else hides no crowd."""


class Repeats(Record):
    """A uniform sample of a group's distinct texts (64-bit hashes), with the principals of each.

    In parallel: 16 bytes a text of one principal, a tenth of what a heap and a dict take.
    """

    _values: bytes
    _principals: list[int | tuple[int, ...]] = []  # each instance has a list of its own
    grows: bool = False
    """Nothing was left out yet for want of room, so that a larger sample would be the same."""

    senders: int = 0
    """Of all the sampled texts together."""

    values = Packed(Distinct)
    """The sampled hashes."""

    @classmethod
    def new(cls, size: int) -> "Repeats":
        """Return an empty sample of `size` texts at first."""
        return cls(bytes(Distinct.of(size)), grows=True)

    def add(self, value: int, principal: int, principals: int = 0) -> None:
        """Note that `principal` sent the text with this hash; one of so many of its group's."""
        if self.grows and self.values.is_full and not self._knows(value):
            self._grow(_EACH * principals)
        found = self.values.place(value)
        if found is None:
            return
        place, known = found
        if known:
            senders = _all(self._principals[place])
            if principal not in senders and len(senders) < SENDERS:
                self._principals[place] = (*senders, principal)
                self.senders += 1
        else:
            self.values = self.values.insert(place, value)
            self._principals.insert(place, principal)
            self.senders += 1
            if len(self._principals) > self.values.size:
                self.senders -= len(_all(self._principals.pop()))
        if self.senders > _IN_ALL:
            self._resize(max(_IN_ALL // SENDERS, 3 * len(self._principals) // 4))
            self.grows = False

    def _resize(self, size: int) -> None:
        """Keep so many texts at most, those with the smallest hashes."""
        self.values = self.values.resized(size)
        del self._principals[size:]
        self.senders = sum(len(_all(some)) for some in self._principals)

    def _knows(self, value: int) -> bool:
        place = self.values.place(value)
        return place is not None and place[1]

    def _grow(self, room: int) -> None:
        """Double the size of a full sample, as far as there is room, where texts come back."""
        size = min(2 * self.values.size, room, _MOST)
        came_back = any(isinstance(some, tuple) for some in self._principals)
        self.grows = size > self.values.size and came_back
        if self.grows:
            self.values = self.values.resized(size)

    @property
    def sound(self) -> bool:
        """Return whether these are samples at all, one's length the other's."""
        return self.values.sound and len(self._principals) == len(self.values.values)

    @property
    def principals(self) -> dict[int, tuple[int, ...]]:
        """The sampled hashes, with the principals that sent each."""
        return dict(zip(self.values.values, map(_all, self._principals), strict=True))

    def absorb(self, other: "Repeats") -> None:
        """Add what another sample saw; the union's smallest hashes are a sample of the union."""
        full = [one.values.size for one in (self, other) if not one.grows]
        self._resize(min(full, default=max(self.values.size, other.values.size)))
        self.grows = self.grows and other.grows
        for value, principals in other.principals.items():
            for principal in principals:
                self.add(value, principal)

    def distinct(self) -> float:
        """Estimate how many different texts were sent; exact below the sample's size."""
        return self.values.estimate()

    def read(self) -> Job[Multiplicity]:
        """Describe how texts repeat over principals."""
        counts = [len(_all(principals)) for principals in self._principals]
        if not counts:
            return Multiplicity(0.0, 0.0, 0.0, 0.0)
        mean = sum(counts) / len(counts)
        repeated = sum(count > 1 for count in counts) / len(counts)
        once, twice = counts.count(1), counts.count(2)
        unseen = once * once / (2 * (twice + 1)) / len(counts)
        distinct = self.distinct()
        said = 0.0
        if repeated >= _MANY:
            said = yield from dealt(list(self.principals.items()))
        items = distinct * (1 + unseen)
        common = self._common() if repeated else 0.0
        return Multiplicity(distinct, repeated, mean, items, said, common)

    def _common(self) -> float:
        senders = [*map(_all, self._principals)]
        sent = Counter(chain.from_iterable(senders))
        common = Counter(chain.from_iterable(some for some in senders if len(some) > 1))
        return sum(common[principal] / texts for principal, texts in sent.items()) / len(sent)


def _all(principals: int | tuple[int, ...]) -> tuple[int, ...]:
    return principals if isinstance(principals, tuple) else (principals,)
