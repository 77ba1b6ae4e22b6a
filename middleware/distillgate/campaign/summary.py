"""What one cell knows of a group, told so that others can add it to what they know.

Cells are gates with logs of their own, each of which sees some accounts. Counts add up; the samples
of a group's texts, accounts and grams are drawn by the smallest of their hashes, so that those of
several cells are one of all (mergeable summaries: Agarwal et al. 2012). So is the sample of its
principals' rows: of each cell those that can be compared and have the smallest hashes.
"""

from collections.abc import Callable, Sequence
from heapq import nsmallest
from typing import NamedTuple

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from distillgate.campaign.group import Group
from distillgate.campaign.jobs import Job
from distillgate.campaign.keys import Kind
from distillgate.campaign.membership_index import MembershipIndex
from distillgate.campaign.sketch_row import sound_rows
from distillgate.campaign.sketch_table import SketchTable
from distillgate.campaign.template import TemplateIndex
from distillgate.records import FrozenRecord, decoder, encode

Rows = NDArray[np.intp]
OwnRows = Callable[[Sequence[int]], Rows]
"""Returns the rows of all that principals drew."""

MERGEABLE = frozenset(Kind) - {Kind.LINKS, Kind.HAND}
"""A chain of meetings is named by one of its accounts, and a source of texts by the search that
found it: another cell's have other names."""
ROWS = 64
"""Principals that a cell tells of a group, at the most: 432 bytes each, twice for shared text."""
_MOST = float(1 << 53)
"""The largest count, sum and time: what a float has exactly, and nothing that is not a number."""
_COMPARABLE = 2
"""Texts from which a row can be compared (`examine.min_texts`)."""


class Totals(FrozenRecord, frozen=True):
    """Sums over all of a group's principals, of which the rows are a sample."""

    principals: int = 0
    texts: float = 0.0
    answered: float = 0.0
    """Output tokens of all that they drew."""
    unread: int = 0
    """See `Group.unread`."""
    population: int = 0
    """Principals that the cell has seen in all."""

    def __add__(self, other: "Totals") -> "Totals":
        return Totals(
            self.principals + other.principals,
            self.texts + other.texts,
            self.answered + other.answered,
            self.unread + other.unread,
            self.population + other.population,
        )


class Sample(NamedTuple):
    """Some of a group's principals, packed, and what all of them come to."""

    totals: Totals
    rows: bytes
    """Of what they sent with the key."""
    own: bytes
    """Of all that they drew, where that is something else."""


class Told(FrozenRecord, frozen=True):
    """What is told of one group."""

    group: Group
    """Its counts, without principals and evidence."""
    segments: tuple[int, ...]
    """Of its template; none where it shares something else."""
    totals: Totals
    layout: str
    """Of the rows: those of another form are left out."""
    rows: bytes
    own: bytes


class Summary(FrozenRecord, frozen=True, tag="summary"):
    """One group as a cell knew it."""

    at: float
    cell: str
    number: int
    """The later, the greater, in its cell."""
    told: Told


def credible(told: Told) -> bool:
    """Return whether what is told are a key, counts, sums and samples at all.

    A cell that miscounts is not to make the others' groups such that no snapshot can be written,
    nor their sums such that none of them is ever found. Rows of another form are not read.
    """
    group, life, totals = told.group, told.group.life, told.totals
    counts: list[float] = [
        group.exchanges, group.elicited, group.follows, *group.unread.values(),
        totals.principals, totals.unread, totals.population,
        group.prompt_tokens, group.output_tokens, totals.texts, totals.answered,
        group.value.taken, group.value.squares, group.value.new, group.value.seen,
        life.principals, life.dated, life.young, life.after, life.exchanges, life.came_squares,
    ]  # fmt: skip
    times = group.first_seen, group.last_seen, group.value.at, life.came
    rows = (told.rows, told.own) if told.layout == SketchTable.LAYOUT else ()
    return (
        0 <= group.key < 1 << 64
        and all(0 <= one <= _MOST for one in counts)
        and all(abs(one) <= _MOST for one in times)
        and group.value.grams.sound
        and group.repeats.sound
        and group.shared.sound
        and all(map(sound_rows, rows))
    )


def counts_of(group: Group, unread: int) -> Group:
    """Return a copy of a group's counts, without its principals and what was found of them.

    Of `unread` principals, those with the smallest hashes, it has what they sent.
    """
    of = group.unread
    if len(of) > unread:
        of = dict(nsmallest(unread, of.items()))
    bare = replace(group, rows={}, unread=of, evidence=None, remembered=None, name=None)
    copied: Group = _GROUP(encode(bare))
    return copied


def sample(group: Group, members: SketchTable, own_rows: OwnRows, size: int) -> Job[Sample]:
    """Draw at most `size` of a group's principals, those with the smallest hashes.

    Changes nothing: whoever tells of a group does so outside of the order of the log.
    """
    principals, rows = list(group.rows), np.array(list(group.rows.values()), np.intp)
    mask = np.uint64(group.key if group.kind.textual else 0)
    yield len(principals)
    rows = rows[members.marks[rows] == np.array(principals, np.uint64) ^ mask]
    own = own_rows(principals) if group.kind.textual else rows
    totals = Totals(
        len(rows),
        float(members.texts[rows].sum()),
        float(members.answered[own].sum()),
        sum(group.unread.values()),
    )
    chosen = _smallest(members, rows, mask, size)
    drawn = members.pack(_smallest(members, own, np.uint64(0), size)) if group.kind.textual else b""
    return Sample(totals, members.pack(chosen), drawn)


def tell(
    group: Group, index: TemplateIndex, members: SketchTable, principals: MembershipIndex
) -> Job[Told]:
    """Return what other cells are told of a group."""
    drawn = yield from sample(group, members, principals.own_rows(members), ROWS)
    segments = tuple(sorted(index.segments(group.key))) if group.kind.textual else ()
    return Told(
        counts_of(group, ROWS), segments, drawn.totals + Totals(population=len(principals)),
        SketchTable.LAYOUT, drawn.rows, drawn.own,
    )  # fmt: skip


def _smallest(members: SketchTable, rows: Rows, mask: np.uint64, size: int) -> Rows:
    """Return the comparable rows of the principals with the smallest hashes."""
    rows = rows[members.texts[rows] >= _COMPARABLE]
    if len(rows) <= size:
        return rows
    return rows[np.argpartition(members.marks[rows] ^ mask, size)[:size]]


_GROUP = decoder(Group)
