"""Known templates, found again under this gate's key: what is kept and shared are hashes only."""

from collections import defaultdict
from collections.abc import Sequence
from itertools import chain

from distillgate.fingerprint.segments import Cut, SegmentSettings, cut
from distillgate.fingerprint.templates import TEMPLATES, Template

_NEEDED = 2
"""Sentences of one template that a request must hold, where the template has as many: one may be
quoted, or be anybody's."""


class Signatures:
    """The segments of known templates under one key."""

    def __init__(
        self, settings: SegmentSettings, seed: int, templates: Sequence[Template] = TEMPLATES
    ) -> None:
        self._of_segment: dict[int, tuple[int, ...]] = {}
        self._needed: list[int] = []
        for number, template in enumerate(templates):
            pieces = {
                piece for line in template.lines for piece in cut(line, settings, seed).longer(0)
            }
            self._needed.append(min(_NEEDED, len(pieces)))
            for piece in pieces:
                self._of_segment[piece] = (*self._of_segment.get(piece, ()), number)

    def find(self, *cuts: Cut) -> int | None:
        """Return the number of the template in `TEMPLATES` that a request's texts are made from."""
        known = self._of_segment
        if all(known.keys().isdisjoint(c.hashes) for c in cuts):
            return None
        found: dict[int, set[int]] = defaultdict(set)
        for piece in chain.from_iterable(c.hashes for c in cuts):
            for number in known.get(piece, ()):
                found[number].add(piece)
        for number, pieces in found.items():
            if len(pieces) >= self._needed[number]:
                return number
        return None
