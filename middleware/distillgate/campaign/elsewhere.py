"""What other cells told of groups: the latest of each cell and group, bounded and expiring."""

from collections import OrderedDict
from collections.abc import Iterator
from typing import NamedTuple

from distillgate.account.windows import DAY
from distillgate.campaign.summary import MERGEABLE, Summary, Told, credible
from distillgate.campaign.template import TemplateIndex
from distillgate.records import Record, decoder, encode

MOST_BYTES = 131_072
"""Of one summary; the largest with all its rows and texts that many sent is some 110 KB."""
_CELLS = 64
"""Cells of one operator that are listened to."""
_BYTES = 128 << 20
"""Of summaries that are kept in all; beyond it the one heard of the longest ago goes."""
_BESIDE = 1024
"""Bytes that a summary takes beside itself, in tables and names."""
_ALIKE = 0.5
"""Share of a template's segments from which that of another cell is the same."""


class _Piece(Record):
    """One summary, and the group here that it is of."""

    key: int
    summary: Summary


class _Kept(NamedTuple):
    """A piece as it is written, and what is asked of it more often than it is read.

    Read, a summary takes up to five times as much: an object for each sender of a sampled text
    (64 KB written are 270 KB).
    """

    written: bytes
    key: int
    """Of the group here."""
    number: int
    at: float
    exchanges: int
    population: int

    @property
    def size(self) -> int:
        """Bytes that it takes."""
        return len(self.written) + _BESIDE


class Elsewhere:
    """Summaries by the group here that they are of, the one heard of the longest ago first."""

    def __init__(self, index: TemplateIndex, days: float, most_bytes: int = _BYTES) -> None:
        self._index = index
        self.seconds = days * DAY
        """How long what was told is kept."""
        self._most_bytes = most_bytes
        self._kept: OrderedDict[tuple[str, int], _Kept] = OrderedDict()
        """By the cell and its own key."""
        self._of: dict[int, dict[str, _Kept]] = {}
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._kept)

    def __contains__(self, key: int) -> bool:
        return key in self._of

    def newest(self, cell: str, key: int) -> int:
        """Return the number of the latest summary of a cell's group; 0 where none is kept."""
        known = self._kept.get((cell, key))
        return known.number if known is not None else 0

    def hear(self, summary: Summary, now: float) -> int | None:
        """Keep a summary; return the key of its group here, None where it tells nothing new."""
        group, cell = summary.told.group, summary.cell
        if group.kind not in MERGEABLE or summary.number <= self.newest(cell, group.key):
            return None
        if len({known for known, _ in self._kept} | {cell}) > _CELLS:
            return None
        if not credible(summary.told):
            return None
        self._drop((cell, group.key))
        key = self._key_here(summary)
        piece = _Piece(key, summary)
        # Copied: what is encoded has room behind it, half as much again.
        self._keep(piece, bytes(memoryview(encode(piece))))
        while self._bytes > self._most_bytes or self._expired(now):
            self._drop(next(iter(self._kept)))
        return key

    def of(self, key: int) -> list[Told]:
        """Return what other cells told of a group, in the order of their names."""
        return [_read(known).summary.told for _, known in sorted(self._of.get(key, {}).items())]

    def exchanges(self, key: int) -> int:
        """Return the exchanges of a group that other cells told of."""
        return sum(known.exchanges for known in self._of.get(key, {}).values())

    @property
    def population(self) -> int:
        """Principals that other cells have seen in all."""
        latest: dict[str, int] = {}
        for (cell, _), known in self._kept.items():  # the latest heard of is the last
            latest[cell] = known.population
        return sum(latest.values())

    def dump(self) -> Iterator[bytes]:
        """Write all that is kept, the one heard of the longest ago first."""
        for known in self._kept.values():
            yield known.written

    def load(self, piece: bytes) -> None:
        """Read a piece of what `dump` wrote."""
        self._keep(_READ(piece), piece)

    def _key_here(self, summary: Summary) -> int:
        """Return the key of a group here: of a shared text, that of the template that is alike."""
        group, segments = summary.told.group, summary.told.segments
        if not group.kind.textual:
            return group.key
        hits = self._index.look_up(segments).hits
        best = max(hits, key=lambda key: (hits[key], -key), default=None)
        if best is not None and hits[best] >= _ALIKE * len(segments):
            return best
        return self._index.restore(group.key, segments).key

    def _keep(self, piece: _Piece, written: bytes) -> None:
        summary, told = piece.summary, piece.summary.told
        known = _Kept(
            written, piece.key, summary.number, summary.at,
            told.group.exchanges, told.totals.population,
        )  # fmt: skip
        self._kept[summary.cell, told.group.key] = known
        self._of.setdefault(piece.key, {})[summary.cell] = known
        self._bytes += known.size

    def _drop(self, name: tuple[str, int]) -> None:
        known = self._kept.pop(name, None)
        if known is None:
            return
        self._bytes -= known.size
        told = self._of[known.key]
        if told.get(name[0]) is known:
            del told[name[0]]
        if not told:
            del self._of[known.key]

    def _expired(self, now: float) -> bool:
        oldest = next(iter(self._kept.values()), None)
        return oldest is not None and now - oldest.at > self.seconds


def _read(known: _Kept) -> _Piece:
    piece: _Piece = _READ(known.written)
    return piece


_READ = decoder(_Piece)
