"""A group as one gate would know it that saw what all cells did: a copy, to be examined."""

from typing import NamedTuple

import numpy as np

from distillgate.campaign.elsewhere import Elsewhere
from distillgate.campaign.examine import ExamineSettings
from distillgate.campaign.group import Group
from distillgate.campaign.jobs import Job
from distillgate.campaign.sketch_table import SketchTable
from distillgate.campaign.summary import Sample, Told, counts_of, sample
from distillgate.campaign.surroundings import Surroundings


class Merged(NamedTuple):
    """A copy of a group that has what other cells told of it, and what is around it."""

    group: Group
    around: Surroundings
    members: SketchTable
    """The sampled principals' rows."""


def merged(
    group: Group,
    elsewhere: Elsewhere,
    members: SketchTable,
    around: Surroundings,
    limits: ExamineSettings,
    now: float,
) -> Job[Merged]:
    """Merge a group with what other cells told; of the principals here some are drawn.

    A group that no other cell told of is as it is.
    """
    told = elsewhere.of(group.key)
    if not told:
        return Merged(group, around, members)
    yield from group.prune(members)
    drawn = yield from sample(group, members, around.own_rows, limits.max_units)
    both = counted(group, elsewhere, now)
    both.remembered = group.remembered
    group.first_seen = both.first_seen
    samples = [(group.key, drawn), *((one.group.key, _sample(one)) for one in told)]
    room = sum(len(one.rows) + len(one.own) for _, one in samples) // SketchTable.WIDTH
    table, own = SketchTable(max(1, room)), dict[int, int]()
    for key, one in samples:
        for principal, row in _placed(table, one.rows, key if group.kind.textual else 0):
            both.rows.setdefault(principal, row)
        own = dict(_placed(table, one.own, 0)) | own
        yield len(one.rows) // SketchTable.WIDTH
    for principal, row in both.rows.items():
        table.marks[row] = both.mark(principal)
    drew = np.array(list(own.values()), np.intp)
    around = around._replace(
        population=around.population + elsewhere.population,
        own_rows=lambda _: drew,
        totals=sum((one.totals for one in told), drawn.totals),
    )
    return Merged(both, around, table)


def counted(group: Group, elsewhere: Elsewhere, now: float) -> Group:
    """Return a group with what other cells counted of it, but without principals."""
    told = elsewhere.of(group.key)
    if not told:
        return group
    both = counts_of(group, len(group.unread))
    for one in told:
        both.absorb(one.group, now)
    return both


def _sample(told: Told) -> Sample:
    """Return what was told of rows, none where they have another form."""
    readable = told.layout == SketchTable.LAYOUT
    return Sample(told.totals, told.rows if readable else b"", told.own if readable else b"")


def _placed(table: SketchTable, packed: bytes, mask: int) -> list[tuple[int, int]]:
    """Put rows into a table; return their principals, and where they are."""
    rows = table.unpack(packed)
    principals = table.marks[rows] ^ np.uint64(mask)
    return list(zip(principals.tolist(), rows.tolist(), strict=True))
