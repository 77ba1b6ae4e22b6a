"""The units of all groups, as rows of a few arrays: what a group's evidence is computed from."""

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from distillgate.account.windows import DAY
from distillgate.campaign.core import Table
from distillgate.fingerprint.sketch import LARGEST, STYLE, TOPIC, Sketch
from distillgate.records import Record, decoder, encode

CLOCK = 4
"""Cosine and sine of the hour of the day and of the day of the week."""

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
_MOST = 2048
"""Texts a row's means are of: beyond it older ones fade, as steps smaller than 1/2 would be lost.
"""


def entry(sketch: Sketch, now: float) -> Entry:
    """Make a text's sketch, sent at `now`, an entry."""
    day = 2 * math.pi * now / DAY
    week = day / 7
    clock = (math.cos(day), math.sin(day), math.cos(week), math.sin(week))
    made: Entry = np.concatenate((sketch.topic, sketch.style, clock), dtype=np.float32)
    made *= _STEPS
    return made


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


_ROW = np.dtype(
    [
        ("mark", "<u8"),
        ("texts", "<u4"),
        ("used_at", "<u4"),
        ("means", "<i2", (_CLOCK.stop,)),
        ("deviations", "<f2", (STYLE,)),
    ]
)
"""One row, as it is written down."""
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


class Members:
    """One row a member: how many texts, and the means of their entries; 216 bytes each.

    Means in 16 bits, and the spread of style as a half-precision deviation. Against 32-bit sums
    that moved rho by 3e-5 (style) and 5e-6 (clock) at the median of 884 examinations, and by 4.9e-3
    and 5.9e-3 in the worst, where exchangeability is told to 4e-3. (Sums need twice the bits.)

    The arrays are reserved at their bound, so that none is ever copied to grow; the operating
    system gives memory only to rows in use. When all are, rows are given up a few thousand at a
    time, the longest unused of those the hand passes (CLOCK). A row carries its member's mark: a
    reference to a row that is another's by now is stale, and told by its mark.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.texts = np.zeros(limit, np.uint32)
        self.marks = np.zeros(limit, np.uint64)
        self._used_at = np.zeros(limit, np.uint32)
        self._means = np.zeros((limit, _CLOCK.stop), np.int16)
        self._deviations = np.zeros((limit, STYLE), np.float16)
        self._free: list[int] = []
        self._used = 0
        self._hand = 0
        self._now = 0

    def __len__(self) -> int:
        return self._used - len(self._free)

    def allot(self, mark: int) -> int:
        """Give an empty row to the member with this mark (64 bits, not 0)."""
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
        """Whether a reference to a row is still good."""
        return row is not None and row < self.limit and int(self.marks[row]) == mark

    def release(self, row: int) -> None:
        """Take a row back and empty it."""
        self._empty(row)
        self._free.append(row)

    def add(self, rows: Sequence[int], text: Entry, now: float) -> None:
        """Add one text, sent at `now`, to different rows."""
        self._now = max(0, int(now))
        for row in rows:
            texts = int(self.texts[row]) + 1
            self.texts[row] = texts
            self._used_at[row] = self._now
            weight = 1.0 / min(texts, _MOST)
            means = self._means[row].astype(np.float32)
            shift = text - means
            deviation = np.hypot(
                self._deviations[row], shift[_STYLE] * (_STYLE_STEP * math.sqrt(weight))
            )
            deviation *= math.sqrt(1.0 - weight)
            self._deviations[row] = deviation
            shift *= weight
            means += shift
            self._means[row] = np.rint(means, out=means)

    def table(self, rows: NDArray[np.intp]) -> Table:
        """Give what rows hold, as sums; of very many texts the latest few thousand."""
        texts = np.minimum(self.texts[rows], _MOST).astype(np.float64)
        each = texts[:, None]
        means = self._means[rows] * _STEP
        style = means[:, _STYLE]
        squares = style * style + np.square(self._deviations[rows], dtype=np.float64)
        return Table(
            texts, means[:, :TOPIC] * each, style * each, squares * each, means[:, _CLOCK] * each
        )

    def one(self, row: int) -> tuple[Vector, Vector, Vector, Vector]:
        """Give what one row holds: its texts, and the sums of their topics, styles and clocks."""
        texts = np.array(min(int(self.texts[row]), _MOST), np.float64)
        sums = self._means[row] * _STEP
        sums *= texts
        return texts, sums[:TOPIC], sums[_STYLE], sums[_CLOCK]

    def latest(self, rows: NDArray[np.intp], count: int) -> NDArray[np.intp]:
        """Give the rows, `count` at most, that texts were added to last; in order of rows."""
        if len(rows) > count:
            used_at = self._used_at[rows]  # a tenth of the time that sorting them would take
            oldest = np.partition(used_at, -count)[-count]
            later, level = rows[used_at > oldest], rows[used_at == oldest]
            rows = np.concatenate((later, level[len(later) - count :]))
        return np.sort(rows)

    def dump(self) -> Iterator[bytes]:
        """Write all rows."""
        where = str(_ROW), self._used, self._hand, self._now
        for at in range(0, len(self._free), _FREE):
            free = np.array(self._free[at : at + _FREE], np.uint32)
            yield encode(_Piece(*where, free=free.tobytes()))
        for start in range(0, self._used, _ROWS):
            packed = np.empty(min(_ROWS, self._used - start), _ROW)
            for name, column in self._columns():
                packed[name] = column[start : start + len(packed)]
            yield encode(_Piece(*where, start, packed.tobytes()))

    def load(self, piece: bytes) -> None:
        """Read a piece; nothing of rows past the bound, or of another layout."""
        written: _Piece = _READ(piece)
        if written.layout != str(_ROW):
            return
        self._used, self._now = min(written.used, self.limit), written.now
        self._hand = written.hand if written.hand < self.limit else 0
        free = np.frombuffer(written.free, np.uint32)
        self._free += free[free < self.limit].tolist()
        packed = np.frombuffer(written.rows, _ROW)[: max(0, self.limit - written.start)]
        for name, column in self._columns():
            column[written.start : written.start + len(packed)] = packed[name]

    def _columns(self) -> Iterable[tuple[str, NDArray[Any]]]:
        return (
            ("mark", self.marks),
            ("texts", self.texts),
            ("used_at", self._used_at),
            ("means", self._means),
            ("deviations", self._deviations),
        )

    def _empty(self, rows: int | NDArray[np.intp]) -> None:
        for column in (self.texts, self.marks, self._means, self._deviations):
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
