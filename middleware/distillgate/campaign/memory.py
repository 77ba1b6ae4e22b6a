"""What outlives a group: the imprint of each that was restricted.

A pool of accounts that is banned is followed by another, within hours or months, with the same work
(one disclosure: the second pool "took over quickly"). By then the first may be forgotten: quiet,
crowded out, or lost with a restart. Its imprint is what it shared and where its texts lay; accounts
that come with the same are compared with that. Who shares the prompt alone is no successor: a
campaign may have used a public one. No account is remembered, and no text.
"""

import math
from collections import Counter, OrderedDict
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import ClassVar

import numpy as np
from msgspec.structs import replace

from distillgate.account.windows import DAY
from distillgate.campaign.evidence import Core, Vector, distances, likely
from distillgate.campaign.keys import Kind, code_of, key_of
from distillgate.records import FrozenRecord, Record, decoder, encode
from distillgate.settings import Settings

_COUNTED = 40.0
"""Texts from which more do not make it surer: two samples of one work differ a little."""
_COMPARED = 16
"""Imprints of the longest ago of which the least linked goes first."""


class MemorySettings(Settings):
    """How groups that were restricted are remembered."""

    max_imprints: ClassVar[int] = 1000
    """Groups remembered (about 3 KB each); of the longest ago the least linked unnamed one goes."""
    days: float = 180.0
    """How long a group is remembered after it was last restricted."""
    overlap: ClassVar[float] = 0.5
    """Share of a template's segments that a text must have to be of that template."""


class Imprint(FrozenRecord, frozen=True):
    """One group that was restricted."""

    key: int
    kind: Kind
    segments: tuple[int, ...]
    """Of its template; none where it shared something else."""
    distinctive: bool
    whole: bool
    core: Core
    """Where its texts lay, in subject and manner."""
    link: float
    """How surely one operator fed it, in nats."""
    distinct: float
    """Different texts it had sent."""
    first_seen: float
    seen_at: float
    name: str | None = None
    """Given by a person."""
    taken: float = 0.0
    """Value tokens it had taken."""

    @property
    def code(self) -> str:
        """Its group's own reference, whatever people call it."""
        return code_of(self.key)

    def likeness(self, texts: float, topic: Vector, style: Vector) -> float:
        """Weigh "these texts are of the same work" against "independent users'", in nats.

        `topic` and `style` are sums over `texts`; their mean counts as that of a few dozen.
        """
        if texts <= 0:
            return 0.0
        counted = min(texts, _COUNTED)
        scale = counted / texts
        sent, core = np.array(counted), self.core
        subject, manner = distances(core, sent, topic * scale, style * scale)
        alike = likely(subject, sent, core.topic_block) + likely(manner, sent, core.style_block)
        return float(alike)


class _Written(Record):
    """An imprint, and the segments of which it is the latest that has them."""

    imprint: Imprint
    of: list[int]


class Memory:
    """Imprints by key, the longest ago first; bounded and expiring."""

    def __init__(self, settings: MemorySettings) -> None:
        self._settings = settings
        self._imprints: OrderedDict[int, Imprint] = OrderedDict()
        self._of: dict[int, int] = {}
        """Key of the latest imprint that has a segment."""

    def __len__(self) -> int:
        return len(self._imprints)

    def __iter__(self) -> Iterator[Imprint]:
        return iter(self._imprints.values())

    def keep(self, imprint: Imprint) -> None:
        """Remember a group, in place of what was remembered of it before."""
        self.forget(imprint.key)
        while len(self._imprints) >= self._settings.max_imprints:
            oldest = islice(self, _COMPARED)
            self.forget(min(oldest, key=lambda one: (one.name is not None, one.link)).key)
        self._imprints[imprint.key] = imprint
        self._of.update(dict.fromkeys(imprint.segments, imprint.key))

    def forget(self, key: int) -> None:
        """Forget a group: it expired, or was found not to be one operator's."""
        gone = self._imprints.pop(key, None)
        for segment in gone.segments if gone is not None else ():
            if self._of.get(segment) == key:
                del self._of[segment]

    def rename(self, key: int, name: str) -> None:
        """Name what is remembered of a group as a person named the group."""
        found = self._imprints.get(key)
        if found is not None:
            self._imprints[key] = replace(found, name=name)

    def known(self, key: int, now: float) -> Imprint | None:
        """Return the imprint with this key, None where there is none (any more); learns nothing."""
        found = self._imprints.get(key)
        expired = found is not None and now - found.seen_at > self._settings.days * DAY
        return None if expired else found

    def recall(self, key: int, now: float) -> Imprint | None:
        """Return the imprint with this key; one that has expired is forgotten."""
        found = self.known(key, now)
        if found is None and key in self._imprints:
            self.forget(key)
        return found

    def match(self, segments: Iterable[int], now: float) -> Imprint | None:
        """Return the imprint whose template a text with these segments has; learns nothing."""
        if not self._of:
            return None
        hits = Counter(key for one in segments if (key := self._of.get(one)) is not None)
        for key, count in hits.most_common(1):
            found = self.known(key, now)
            if found is not None and count >= math.ceil(
                self._settings.overlap * len(found.segments)
            ):
                return found
        return None

    def named(self, name: str) -> Imprint | None:
        """Look an imprint up by its group's reference or the name a person gave it."""
        key = key_of(name)
        if key is not None:
            return self._imprints.get(key)
        return next((one for one in self if one.name == name), None)

    def dump(self) -> Iterator[bytes]:
        """Write all imprints, the longest ago first."""
        for imprint in self:
            of = [segment for segment in imprint.segments if self._of.get(segment) == imprint.key]
            yield encode(_Written(imprint, of))

    def load(self, piece: bytes) -> None:
        """Read a piece of what `dump` wrote."""
        written: _Written = _READ(piece)
        key = written.imprint.key
        self._imprints[key] = written.imprint
        self._of.update(dict.fromkeys(written.of, key))


_READ = decoder(_Written)
