"""A campaign's template as its community knows it again: keyed hashes of lines many accounts sent.

A line counts only where `k` accounts of the campaign sent it, so that no one's own text is in it,
not even as a hash.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from distillgate.fingerprint.segments import SegmentSettings, cut
from distillgate.intel.community import Key
from distillgate.wire.request import Request

NORMALISER = "distillgate-segments-1"
"""How texts become lines; another version's hashes do not compare."""
_SETTINGS = SegmentSettings()
_LINES = 64
"""Lines of a sketch at most, those that the most accounts sent."""
_NEEDED = 0.5
"""Share of a sketch's lines that a request must have to be made from the template."""
_SHARE = 0.5
"""Share of the accounts that must send a line for it to be the template's, and how often it must be
sent, as a share of the line that is sent most. What stands in the slot comes back, too: over some
requests most accounts send the same saying once, and a request has hardly any of them."""


def segments(request: Request, key: Key) -> set[str]:
    """Return the keyed hashes of a request's lines."""
    return {key.line(value) for value in values(request, key)}


def values(request: Request, key: Key) -> set[int]:
    """Return the hashes of a request's lines under the community's seed alone: not to be told."""
    return {value for text in _texts(request) for value in cut(text, _SETTINGS, key.seed).hashes}


def _texts(request: Request) -> Iterator[str]:
    yield request.instructions
    yield from (turn.text for turn in request.dialogue if turn.role != "assistant")


@dataclass(slots=True)
class Sketches:
    """Counts by how many accounts each line was sent, and how often."""

    key: Key
    senders: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    accounts: set[str] = field(default_factory=set)
    sent: Counter[str] = field(default_factory=Counter)

    def add(self, account: str, lines: Iterable[int]) -> None:
        """Count what one of the campaign's accounts sent, by `values` of it."""
        self.accounts.add(account)
        for value in lines:
            hashed = self.key.line(value)
            self.senders[hashed].add(account)
            self.sent[hashed] += 1

    def template(self, k: int) -> list[str]:
        """Return the hashes of the lines that at least `k` accounts, and half of them, sent, and
        half as often as any.
        """
        least = max(k, _SHARE * len(self.accounts))
        often = _SHARE * max(self.sent.values(), default=0)
        common = [
            value
            for value, senders in self.senders.items()
            if len(senders) >= least and self.sent[value] >= often
        ]
        common.sort(key=lambda value: (-len(self.senders[value]), value))
        return sorted(common[:_LINES])


def needed(size: int) -> int:
    """Return how many of a sketch's lines a request must have to be made from its template.

    Half of them, and two where it has two: one line may be anybody's.
    """
    return max(min(2, size), math.ceil(_NEEDED * size))


def matches(sketch: Collection[str], lines: set[str]) -> bool:
    """Return whether lines are made from a template."""
    template = set(sketch)
    return bool(template) and len(template & lines) >= needed(len(template))
