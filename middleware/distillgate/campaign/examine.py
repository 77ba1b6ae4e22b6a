"""From a group's sums to its evidence: one examination, bounded in members, pure of state."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from distillgate.campaign.core import Table, centre, densest
from distillgate.campaign.evidence import Core, Evidence
from distillgate.campaign.exchangeability import BlockSettings, Intraclass, intraclass
from distillgate.campaign.group import Group
from distillgate.campaign.members import Members
from distillgate.settings import Settings


class ExamineSettings(Settings):
    """How a group is examined. Its priors are measured on public text (docs/detection.md)."""

    first_exchanges: int = 48
    """A group is first examined at this many exchanges..."""
    growth: float = 1.2
    """...and again each time it has grown by this factor: work stays proportional to traffic."""
    min_units: int = 12
    """Fewer units than this show nothing by being alike."""
    min_texts: int = 2
    """Texts a unit must have sent to be compared."""
    max_units: int = 1024
    """Units examined at once; of a larger group an even sample."""
    seeds: int = 12
    """Starting points in the search for a core."""
    rounds: int = 4
    """Refinements of each."""
    stray: float = 3.0
    """Standard deviations a true member may stray from the core."""
    core_share: float = 0.05
    """A core smaller than this share of its group is chance."""
    topic: BlockSettings = BlockSettings(
        dimensions=30.0,
        spread=0.006,
        honest_median=0.06,
        honest_spread=1.2,
        floor=-6.0,
        ceiling=5.0,
    )
    """The subject of the varying text."""
    style: BlockSettings = BlockSettings(
        dimensions=6.0, spread=0.008, honest_median=0.16, honest_spread=0.9, floor=-8.0, ceiling=5.0
    )
    """The manner of the varying text."""
    clock: BlockSettings = BlockSettings(
        dimensions=3.0, spread=0.03, honest_median=0.3, honest_spread=0.8, floor=-0.25, ceiling=1.5
    )
    """The hours and days at which texts are sent; keeping one's own hours is cheap to fake, so it
    clears little."""

    @property
    def dimensions(self) -> tuple[float, float]:
        """Effective dimensions of subject and manner."""
        return self.topic.dimensions, self.style.dimensions


class Compared(NamedTuple):
    """How much of each block's variation lies between units; None where nothing can be compared."""

    topic: Intraclass | None
    style: Intraclass | None
    clock: Intraclass | None


class Surroundings(NamedTuple):
    """What belongs to a group beyond its own sums.

    `siblings` are groups of about the same units, other templates of the same hands: what they sent
    counts as sent by the same actor. `meetings` is how the units met.
    """

    siblings: Sequence[Group]
    meetings: Mapping[str, int]


NOTHING_COMPARED = Compared(None, None, None)


def examine(
    group: Group,
    surroundings: Surroundings,
    members: Members,
    settings: ExamineSettings,
    now: float,
) -> Evidence:
    """Examine a group: as a whole, and where the whole is mixed, its densest core."""
    table = _table(group, members, settings)
    found, core, whole = NOTHING_COMPARED, None, True
    if len(table.texts) >= settings.min_units:
        found = compare(table, settings)
        core = centre(table, 1.0)
        if _mixed(found.topic, settings.topic) or _mixed(found.style, settings.style):
            part = _core(table, settings)
            core = None
            if part is not None:
                whole = False
                found, core = compare(part[0], settings), part[1]
    multiplicity = group.repeats.read()
    return Evidence(
        units=len(group.rows),
        examined=len(table.texts),
        exchanges=group.exchanges,
        distinct=(multiplicity.distinct + sum(s.repeats.distinct() for s in surroundings.siblings))
        * (core.share if core else 1.0),
        repeats=multiplicity.repeated,
        multiplicity=multiplicity.mean,
        evenness=multiplicity.evenness,
        coverage=_coverage(group, members, multiplicity.distinct),
        follows=group.follows / max(1, group.exchanges),
        expansion=group.output_tokens / group.prompt_tokens if group.output_tokens else None,
        elicits=group.elicited / max(1, group.exchanges),
        topic=found.topic,
        style=found.style,
        clock=found.clock,
        core=core,
        whole=whole,
        meetings=surroundings.meetings,
        examined_at=now,
    )


def _coverage(group: Group, members: Members, distinct: float) -> float:
    rows = np.fromiter(group.rows.values(), np.intp, len(group.rows))
    return float(members.texts[rows].mean()) / max(1.0, distinct) if len(rows) else 0.0


def compare(table: Table, settings: ExamineSettings) -> Compared:
    """Give the intraclass correlation of each block."""
    return Compared(
        intraclass(table.topic_sums(), settings.topic.dimensions, pooled=True),
        intraclass(table.style_sums(), settings.style.dimensions, pooled=False),
        intraclass(table.clock_sums(), settings.clock.dimensions, pooled=True),
    )


def _mixed(found: Intraclass | None, block: BlockSettings) -> bool:
    return found is not None and found.rho > 2.0 * (found.error + block.spread)


def _core(table: Table, settings: ExamineSettings) -> tuple[Table, Core] | None:
    near = densest(
        table,
        seeds=settings.seeds,
        rounds=settings.rounds,
        limit=settings.stray,
        dims=settings.dimensions,
    )
    if near is None or near.sum() < settings.min_units:
        return None
    share = float(near.mean())
    if share < settings.core_share:
        return None
    part = table.take(near)
    return part, centre(part, share)


def _table(group: Group, members: Members, settings: ExamineSettings) -> Table:
    rows = np.fromiter(group.rows.values(), np.intp, len(group.rows))
    rows = rows[members.texts[rows] >= settings.min_texts]
    if len(rows) > settings.max_units:
        rows = rows[np.linspace(0, len(rows) - 1, settings.max_units).astype(np.intp)]
    return Table(
        members.texts[rows].astype(np.float64),
        members.topic[rows].astype(np.float64),
        members.style[rows].astype(np.float64),
        members.style_squares[rows].astype(np.float64),
        members.clock[rows].astype(np.float64),
    )
