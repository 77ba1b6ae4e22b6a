"""The principals of all groups, as rows of a few arrays that evidence is computed from."""

import math
from ast import literal_eval
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from distillgate.account.windows import DAY
from distillgate.campaign.core import Table
from distillgate.campaign.sketch_row import CLOCK, FEATURES, ROW, add_text, write_entry, write_sums
from distillgate.fingerprint.sketch import LARGEST, STYLE, TOPIC, Sketch
from distillgate.records import FrozenStruct, Record, decoder, encode

Vector = NDArray[np.float64]
Entry = NDArray[np.float32]
"""One text as a row to add: its topic, style and clock, in steps of the row's integers."""

_STYLE = slice(TOPIC, TOPIC + STYLE)
_CLOCK = slice(TOPIC + STYLE, TOPIC + STYLE + CLOCK)
_STEPS = np.full(_CLOCK.stop, 32_000.0, np.float32)
"""Steps a unit of each feature is told in: 16 bits at its largest."""
_STEPS[_STYLE] /= LARGEST
_STEP = 1 / _STEPS.astype(np.float64)
_STYLE_STEP = (1 / _STEPS[_STYLE]).astype(np.float32)
_MOST = 1024
"""Texts a half's means are of: beyond it older ones fade, or smaller steps would be lost."""


def entry(sketch: Sketch, now: float) -> Entry:
    """Make a text's sketch, sent at `now`, an entry."""
    day = 2 * math.pi * now / DAY
    week = day / 7
    clock = (math.cos(day), math.sin(day), math.cos(week), math.sin(week))
    made = np.empty(FEATURES, np.float32)
    write_entry(made, sketch.topic, sketch.style, _STEPS, *clock)
    return made


class Text(FrozenStruct, frozen=True):
    """One text as it is compared: read once, however many rows it is added to."""

    sketch: Sketch
    entry: Entry
    coin: int
    """A keyed hash of it."""

    @classmethod
    def of(cls, sketch: Sketch, coin: int, now: float) -> "Text":
        """Make a text that was sent at `now` of its sketch."""
        return cls(sketch, entry(sketch, now), coin)


class Brought(NamedTuple):
    """The texts that one request packs, as the sums a row would hold: texts, topic, style, clock.

    Whoever packs several texts in a request can be compared before it is let through.
    """

    texts: Vector
    topic: Vector
    style: Vector
    clock: Vector

    @classmethod
    def of(cls, sketches: Sequence[Sketch], now: float) -> "Brought":
        """Sum up the sketches of texts that were sent at `now`."""
        sums = np.sum([entry(sketch, now) for sketch in sketches], axis=0) * _STEP
        return cls(np.array(float(len(sketches))), sums[:TOPIC], sums[_STYLE], sums[_CLOCK])


_HAND = 4096
"""Rows looked at to find room; of them the quiet half is given up."""
_ROWS, _FREE = 1024, 65_536
"""Rows, and numbers of free rows, of one piece."""


class _Piece(Record):
    """Where the table is; with some rows, or the numbers of free ones as they were given up."""

    layout: str
    used: int
    hand: int
    now: int
    start: int = 0
    rows: bytes = b""
    free: bytes = b""


class SketchTable:
    """One row a member: how many texts, and the means of their entries, in two halves; 432 bytes.

    Every text goes to the half that has fewer; where both have as many, a keyed hash of the text
    says to which, so that nobody without the key can write for a half. What is chosen by one half
    is judged by the other (`campaign.weigh`); everything else reads both as one.

    Means in 16 bits, and the spread of style as a half-precision deviation. Against 32-bit sums
    that moved rho by 3e-5 (style) and 5e-6 (clock) at the median of 884 examinations, and by 4.9e-3
    and 5.9e-3 in the worst, where exchangeability is told to 4e-3. (Sums need twice the bits.)

    The arrays are reserved at their bound, so that none is ever copied to grow; the operating
    system gives memory only to rows in use. When all are, rows are given up a few thousand at a
    time, the longest unused of those the hand passes (CLOCK). A row carries its member's mark: a
    reference to a row that is another's by now is stale, and told by its mark.
    """

    LAYOUT, WIDTH = str(ROW), ROW.itemsize

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.texts = np.zeros(limit, np.uint32)
        """Texts of each row, both halves'."""
        self.turns = np.zeros(limit, np.uint32)
        """Requests of each row that were no draw and went on from an answer that was given: a text
        that is sent again, or an answer that is invented, costs nothing."""
        self.answered = np.zeros(limit, np.float32)
        """Output tokens of each row's answers, as far as it is a principal's own."""
        self.payers = np.zeros(limit, np.uint32)
        """The card that pays for each row's requests, else their network, hashed; 0: not known."""
        self.marks = np.zeros(limit, np.uint64)
        self._counts = np.zeros((limit, 2), np.uint32)
        self._used_at = np.zeros(limit, np.uint32)
        self._means = np.zeros((limit, 2, _CLOCK.stop), np.int16)
        self._deviations = np.zeros((limit, 2, STYLE), np.float16)
        # Read place by place: views give plain numbers, at a tenth of what one of an array costs.
        self._views: list[memoryview] = [
            column.reshape(-1).data
            for column in (self._counts, self._means, self._deviations, self.texts, self._used_at)
        ]
        self._marked = self.marks.data
        self._free: list[int] = []
        self._used = 0
        self._hand = 0
        self._now = 0

    def __len__(self) -> int:
        return self._used - len(self._free)

    def allot(self, mark: int) -> int:
        """Return an empty row to the member with this mark (64 bits, not 0)."""
        if not self._free and self._used >= self.limit:
            self._give_up()
        if self._free:
            row = self._free.pop()
        else:
            row = self._used
            self._used += 1
        self.marks[row] = mark
        self._used_at[row] = self._now  # or the next to allot could give it up at once
        return row

    def holds(self, row: int | None, mark: int) -> bool:
        """Return whether a reference to a row is still good."""
        return row is not None and row < self.limit and self._marked[row] == mark

    def release(self, row: int) -> None:
        """Take a row back and empty it."""
        self._empty(row)
        self._free.append(row)

    def add(self, rows: Sequence[int], text: Entry, now: float, coin: int = 0) -> None:
        """Add one text, sent at `now`, to different rows; `coin` is a keyed hash of it."""
        self._now = at = max(0, int(now))
        counts, means, deviations, sums, used_at = self._views
        for row in rows:
            first, second = counts[2 * row], counts[2 * row + 1]
            half = coin & 1 if first == second else int(second < first)
            texts = (second if half else first) + 1
            counts[2 * row + half] = texts
            sums[row] = first + second + 1
            used_at[row] = at
            weight = 1.0 / min(texts, _MOST)
            add_text(means, deviations, 2 * row + half, text, _STYLE_STEP, weight)

    def pass_by(self, row: int, now: float, *, goes_on: bool) -> None:
        """Note a request, sent at `now`, that is no draw; count it where it goes on from an answer
        that was given.
        """
        self.turns[row] += goes_on
        self._used_at[row] = self._now = max(0, int(now))

    def table(self, rows: NDArray[np.intp]) -> Table:
        """Return what rows hold, as sums; of very many texts the latest few thousand."""
        return Table(*map(np.add, *self.halves(rows)))

    def halves(self, rows: NDArray[np.intp]) -> tuple[Table, Table]:
        """Return what rows hold, each half as sums of its own."""
        return self._half(rows, 0), self._half(rows, 1)

    def _half(self, rows: NDArray[np.intp], half: int) -> Table:
        texts = np.minimum(self._counts[rows, half], _MOST).astype(np.float64)
        each = texts[:, None]
        means = self._means[rows, half] * _STEP
        style = means[:, _STYLE]
        squares = style * style + np.square(self._deviations[rows, half], dtype=np.float64)
        return Table(
            texts, means[:, :TOPIC] * each, style * each, squares * each, means[:, _CLOCK] * each
        )

    def one(self, row: int) -> tuple[Vector, Vector, Vector, Vector]:
        """Return what one row holds: its texts, and the sums of their topics, styles and clocks."""
        texts, sums = self.sums(row)
        each: Any = np.float64(texts)
        return each, sums[:TOPIC], sums[_STYLE], sums[_CLOCK]

    def sums(self, row: int) -> tuple[float, Vector]:
        """Return how many texts one row holds, and the sums of their features."""
        counts, means, *_ = self._views
        first, second = min(counts[2 * row], _MOST), min(counts[2 * row + 1], _MOST)
        sums = np.empty(FEATURES)
        write_sums(sums, means, _STEP, row, first, second)
        return float(first + second), sums

    def thinner(self, row: int) -> int:
        """Return the texts of a row's smaller half."""
        counts = self._views[0]
        return int(min(counts[2 * row], counts[2 * row + 1]))

    def dump(self) -> Iterator[bytes]:
        """Write all rows."""
        where = self.LAYOUT, self._used, self._hand, self._now
        for at in range(0, len(self._free), _FREE):
            free = np.array(self._free[at : at + _FREE], np.uint32)
            yield encode(_Piece(*where, free=free.tobytes()))
        for start in range(0, self._used, _ROWS):
            some = slice(start, min(start + _ROWS, self._used))
            yield encode(_Piece(*where, start, self.pack(some)))

    def pack(self, rows: NDArray[np.intp] | slice) -> bytes:
        """Write some rows."""
        packed = np.empty(self.marks[rows].shape, ROW)
        for name, column in self._columns():
            packed[name] = column[rows]
        return packed.tobytes()

    def unpack(self, packed: bytes) -> NDArray[np.intp]:
        """Add rows that `pack` wrote, as far as there is room; return where they are."""
        written, start = np.frombuffer(packed, ROW), self._used
        some = slice(start, start + len(written[: self.limit - start]))
        for name, column in self._columns():
            column[some] = written[name][: self.limit - start]
        self.texts[some] = self._counts[some].sum(axis=1)
        self._used = some.stop
        return np.arange(start, some.stop)

    def load(self, piece: bytes) -> None:
        """Read a piece; nothing of rows past the bound, or of columns that had another form."""
        written: _Piece = _READ(piece)
        try:
            layout = np.dtype(literal_eval(written.layout))
        except (ValueError, SyntaxError, TypeError):
            return
        self._used, self._now = min(written.used, self.limit), written.now
        self._hand = written.hand if written.hand < self.limit else 0
        free = np.frombuffer(written.free, np.uint32)
        self._free += free[free < self.limit].tolist()
        packed = np.frombuffer(written.rows, layout)[: max(0, self.limit - written.start)]
        some = slice(written.start, written.start + len(packed))
        for name, column in self._columns():
            if name in (layout.names or ()) and layout[name].shape == column.shape[1:]:
                column[some] = packed[name]
        self.texts[some] = self._counts[some].sum(axis=1)

    def _columns(self) -> Iterable[tuple[str, NDArray[Any]]]:
        return (
            ("mark", self.marks),
            ("texts", self._counts),
            ("turns", self.turns),
            ("answered", self.answered),
            ("payer", self.payers),
            ("used_at", self._used_at),
            ("means", self._means),
            ("deviations", self._deviations),
        )

    def _empty(self, rows: int | NDArray[np.intp]) -> None:
        self.texts[rows] = 0
        for _, column in self._columns():
            column[rows] = 0

    def _give_up(self) -> None:
        passed = np.arange(self._hand, min(self._hand + _HAND, self.limit))
        self._hand = 0 if passed[-1] + 1 >= self.limit else int(passed[-1]) + 1
        # A single text cannot be compared: a flood of those pushes out no member that has more.
        single, used_at = self.texts[passed] < 2, self._used_at[passed]
        quiet = passed[np.lexsort((used_at, ~single))[: (len(passed) + 1) // 2]]
        self._empty(quiet)
        self._free += quiet.tolist()


_READ = decoder(_Piece)
