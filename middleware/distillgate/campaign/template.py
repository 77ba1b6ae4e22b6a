"""Which texts share a skeleton: the index from segments to the templates they belong to.

A segment that a second principal sends is no longer private. The segments that turn up together in
that request, and were not known before, become one template. Everything in a request that is not
its template is its varying part. First sightings live in two flat arrays (a direct-mapped table: a
newcomer overwrites), so that the flood of text that never recurs costs a fixed amount of memory.
"""

from collections import OrderedDict
from collections.abc import Collection, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from pydantic import PositiveInt

from distillgate.native import passes
from distillgate.records import FrozenStruct, Part, Record, batched, decoder, encode
from distillgate.records.places import Places as Columns
from distillgate.settings import Places, Settings


class TemplateSettings(Settings):
    """How shared text is found."""

    sightings: Places = 1 << 20
    """Places for segments seen once (8 bytes each; a power of two)."""
    max_templates: PositiveInt = 100_000
    """Templates remembered; beyond it the longest unused that no group needs goes."""
    max_segments: PositiveInt = 64
    """Segments one template may have."""


@dataclass(slots=True, eq=False)
class Template:
    """Segments that several principals send together."""

    key: int
    segments: set[int]
    pinned: bool = False
    """A group needs it: not to be forgotten."""


class LookUp(FrozenStruct, frozen=True):
    """The segments of one text as they are known, each looked up once."""

    known: dict[int, Template]
    """Those that belong to a template."""
    hits: dict[int, int]
    """How many segments of each template the text has, by the template's key."""
    unknown: list[int]
    """Those of no template, in the text's order."""

    def of(self, keys: Container[int]) -> set[int]:
        """Return the text's segments that belong to some templates."""
        return {value for value, template in self.known.items() if template.key in keys}


class _Written(Record):
    """A template as it is written."""

    key: int
    segments: list[int]
    pinned: bool
    of_others: list[int]
    """Of its segments, those that are looked up as another template's."""


class TemplateIndex:
    """From segments to templates, bounded."""

    def __init__(self, settings: TemplateSettings) -> None:
        self._settings = settings
        # Read place by place: views give plain numbers, at a tenth of what one of an array costs.
        columns = [np.zeros(settings.sightings, np.uint32) for _ in range(2)]
        self._owners, self._tags = (column.data for column in columns)
        self.first = Columns(*columns)
        """First sightings, as they are written."""
        self._templates: OrderedDict[int, Template] = OrderedDict()
        self._of: dict[int, Template] = {}

    def __len__(self) -> int:
        return len(self._templates)

    def segments(self, key: int) -> Collection[int]:
        """Return the segments of a template, none where it is forgotten."""
        template = self._templates.get(key)
        return template.segments if template is not None else ()

    def pin(self, key: int, *, pinned: bool) -> None:
        """Keep a template that a group needs, or let it go again."""
        template = self._templates.get(key)
        if template is not None:
            template.pinned = pinned

    def find(self, segments: Collection[int]) -> Template | None:
        """Return the template that covers most of a text, or None; learns nothing."""
        return self._best(self.look_up(segments).hits)

    def foresee(self, text: LookUp, principal: int) -> Template | None:
        """Return the template that `learn` would, also one that it would make; learns nothing."""
        hits = text.hits
        if not (hits or text.unknown):
            return None
        shared = _shared(self._tags, self._owners, text.unknown, _owner(principal))
        best = self._best(hits)
        if not shared:
            return best
        made = self._made(shared)
        if best is None or (len(made.segments), -made.key) > (hits[best.key], -best.key):
            return made
        return best

    def learn(self, segments: Sequence[int], principal: int) -> Template | None:
        """Return the template that covers most of a text; note the text's segments as
        `principal`'s.
        """
        if not segments:
            return None
        found = self.look_up(segments)
        hits, unknown = found.hits, found.unknown
        shared = _shared(self._tags, self._owners, unknown, _owner(principal))
        _note(self._tags, self._owners, unknown, _owner(principal))
        if shared:
            created = self._keep(self._made(shared))
            hits[created.key] = len(created.segments)
        best = self._best(hits)
        if best is not None:
            self._templates.move_to_end(best.key)
        return best

    def parts(self) -> dict[str, Part]:
        """Return what is written, by name."""
        return {"templates": self, "first sightings": self.first}

    def dump(self) -> Iterator[bytes]:
        """Write all templates, the longest unused first."""
        for some in batched(self._templates.values(), 64):
            yield encode([self._written(template) for template in some])

    def load(self, piece: bytes) -> None:
        """Read a piece of what `dump` wrote."""
        for written in _READ(piece):
            template = Template(written.key, set(written.segments), pinned=written.pinned)
            self._templates[written.key] = template
            known = set(written.of_others)
            self._of.update((value, template) for value in template.segments - known)

    def _written(self, template: Template) -> "_Written":
        segments = sorted(template.segments)
        others = [value for value in segments if self._of.get(value) is not template]
        return _Written(template.key, segments, template.pinned, others)

    def _best(self, hits: Mapping[int, int]) -> Template | None:
        if not hits:
            return None
        return self._templates[max(hits, key=lambda key: (hits[key], -key))]

    def look_up(self, segments: Collection[int]) -> LookUp:
        """Look each segment of a text up; learns nothing."""
        found = [*map(self._of.get, segments)]
        if not any(found):  # nearly all of new text
            return LookUp({}, {}, [*segments])
        known: dict[int, Template] = {}
        hits: dict[int, int] = {}
        unknown = []
        for value, template in zip(segments, found, strict=True):
            if template is None:
                unknown.append(value)
            else:
                known[value] = template
                hits[template.key] = hits.get(template.key, 0) + 1
        return LookUp(known, hits, unknown)

    def restore(self, key: int, segments: Sequence[int]) -> Template:
        """Return a template that was known before, made again where it was forgotten."""
        return self._templates.get(key) or self._keep(self._made(segments, key))

    def _made(self, segments: Sequence[int], key: int | None = None) -> Template:
        chosen = set(segments[: self._settings.max_segments])
        return Template(key=min(chosen) if key is None else key, segments=chosen)

    def _keep(self, template: Template) -> Template:
        while len(self._templates) >= self._settings.max_templates:
            self._forget()
        self._templates[template.key] = template
        for value in template.segments:
            self._of[value] = template
        return template

    def _forget(self) -> None:
        key, oldest = self._templates.popitem(last=False)
        # Pinned ones count as fresh again: each is passed over once in a turn of the table.
        for _ in range(len(self._templates)):
            if not oldest.pinned:
                break
            self._templates[key] = oldest
            key, oldest = self._templates.popitem(last=False)
        for value in oldest.segments:
            if self._of.get(value) is oldest:
                del self._of[value]


def _owner(principal: int) -> int:
    return (principal ^ principal >> 32) & 0xFFFFFFFF


def read_shared(tags: memoryview, owners: memoryview, segments: list[int], own: int) -> list[int]:
    """Return the segments that another than `own` was the last to send."""
    mask = len(tags) - 1
    return [
        value
        for value in segments
        if tags[value & mask] == value >> 32 and owners[value & mask] != own
    ]


def note_sighted(tags: memoryview, owners: memoryview, segments: list[int], own: int) -> None:
    """Note who sent segments."""
    mask = len(tags) - 1
    for value in segments:
        tags[value & mask] = value >> 32
        owners[value & mask] = own


_shared = read_shared if passes is None else passes.shared
_note = note_sighted if passes is None else passes.sighted
"""The same, by compiled passes where there are some."""

_READ = decoder(list[_Written])
