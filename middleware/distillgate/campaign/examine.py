"""From a group's sums to its evidence: one examination, bounded in members, in small steps."""

from typing import ClassVar, NamedTuple

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray
from pydantic import PositiveInt

from distillgate.campaign.convicted import PURE, drawn_core, is_mixed
from distillgate.campaign.core import Search, Table, centre, densest
from distillgate.campaign.dispersion import Loads, loads, payload_loads
from distillgate.campaign.evidence import Core, Evidence, Reported, Return, log_odds, logit
from distillgate.campaign.exchangeability import Block, Compared, Spread, intraclass
from distillgate.campaign.group import Group
from distillgate.campaign.jobs import Job
from distillgate.campaign.keyed import Convicted, judge
from distillgate.campaign.memory import Imprint
from distillgate.campaign.repeats import Multiplicity
from distillgate.campaign.sketch_table import SketchTable
from distillgate.campaign.summary import Totals
from distillgate.campaign.surroundings import Surroundings
from distillgate.campaign.taken import distinct_texts, of_core, taken_by
from distillgate.priors import section
from distillgate.settings import Settings, Share


class ExamineSettings(Settings):
    """How a group is examined. What it is compared with is measured (`distillgate.priors`)."""

    first_exchanges: int = 48
    """A group is first examined at this many exchanges..."""
    growth: float = 1.2
    """...and again each time it has grown by this factor: work stays proportional to traffic."""
    min_units: int = 12
    """Fewer principals than this show nothing by being alike."""
    min_texts: int = 2
    """Texts a principal must have sent to be compared."""
    max_units: PositiveInt = 1024
    """Principals examined at once; of a larger group an even sample."""
    seeds: int = 12
    """Starting points in the search for a core."""
    rounds: int = 4
    """Refinements of each."""
    first_share: Share = 0.3
    """Share of a mixed group that is assumed to belong to the core before it is known."""
    weak_share: Share = 0.83
    """Surest that sharing something common (a client, a phrase) makes a principal's belonging."""
    sure: float = 2.0
    """Log-odds of belonging from which a group's evidence begins to reach a principal..."""
    certain: float = 3.0
    """...and from which it reaches it in full."""
    core_share: float = 0.05
    """A core smaller than this share of its group is chance."""
    topic: ClassVar[Block] = section("subject", Block)
    """The subject of the varying text."""
    style: ClassVar[Block] = section("manner", Block)
    """The manner of the varying text."""
    clock: ClassVar[Block] = section("clock", Block)
    """The hours and days of texts; one's own hours are cheap to fake, so they clear little."""

    @property
    def search(self) -> Search:
        """How a core is looked for."""
        return Search(self.seeds, self.rounds, self.min_units, self.first_share, self.spreads)

    @property
    def spreads(self) -> tuple[Spread, Spread]:
        """How distances from a core are distributed, in subject and in manner."""
        return self.topic.distances, self.style.distances


class Found(NamedTuple):
    """What comparing a group's principals came to."""

    compared: Compared
    core: Core | None = None
    whole: bool = True
    clarity: float = 0.0
    loads: Loads | None = None


_TALKS_BACK = 0.1
"""Share of requests that go on with a conversation from which a group's accounts are people: no
report brings those nearer to a campaign. A popular tool's users, who did so in half of theirs,
came to 10 nats of one hand in some hundred texts, as many as a dealer's accounts would; campaigns
that are looked for by their template hardly ever go on."""
NOTHING = Found(Compared(None, None, None))


def examine(
    group: Group,
    surroundings: Surroundings,
    members: SketchTable,
    settings: ExamineSettings,
    now: float,
) -> Job[Evidence]:
    """Examine a group: as a whole, and where the whole is mixed, its densest core."""
    rows = yield from group.prune(members)
    table = members.table(_sample(rows[members.texts[rows] >= settings.min_texts], settings))
    yield len(table.texts)
    found = yield from _look(table, group.remembered, settings)
    totals, repeats = surroundings.totals, (yield from group.repeats.read())
    texts = totals.texts if totals else float(members.texts[rows].sum())
    own = rows if not group.kind.textual else surroundings.own_rows(list(group.rows))
    drawn = _sample(own, settings)
    yield len(own)
    told = surroundings.reported
    heard = told is not None and _asks_alone(group)
    heard = heard and not found.compared.differs(settings.topic, settings.style)
    judged = yield from judge(
        members, drawn, repeats, texts, settings.spreads, reported=heard, peopled=group.peopled
    )
    judged = _kept(judged, group.evidence, told)
    answered = None
    if judged is not None and judged.said.sure:
        answered = totals.answered if totals else float(members.answered[own].sum())
        mixed = is_mixed(group, judged, rows, len(own) / len(drawn), members)
        found = _convicted(group, found, judged, table, members, settings, mixed=mixed)
    core = None if found.whole else found.core
    among = of_core(group, core, members) if core is not None else None
    return replace(
        _evidence(group, found, repeats, texts, surroundings, now),
        examined=len(table.texts),
        coverage=texts / max(1, (totals.principals if totals else len(rows)) * repeats.distinct),
        returned=_returned(group.remembered, rows, members, settings),
        taken=taken_by(group, texts, surroundings.overlap, found.core, answered, among),
        held_out=judged.said if judged is not None else None,
        drawn=drawn_core(group, judged, members, settings.spreads),
        reported=told,
    )


def _kept(
    judged: Convicted | None, before: Evidence | None, told: Reported | None
) -> Convicted | None:
    """Return the same, but for what rested on the same report before: that is kept for longer."""
    if judged is None or before is None or before.held_out is None:
        return judged
    rests = told is not None and before.rests_on == told.id
    return judged.kept(before.held_out) if rests else judged


def _asks_alone(group: Group) -> bool:
    """Return whether a group's accounts ask, and hardly ever go on with what was answered."""
    return group.follows < _TALKS_BACK * group.exchanges


def _evidence(
    group: Group,
    found: Found,
    repeats: Multiplicity,
    texts: float,
    surroundings: Surroundings,
    now: float,
) -> Evidence:
    """Return what a group shows, but for what its principals' rows say."""
    totals = surroundings.totals or Totals(len(group.rows), unread=sum(group.unread.values()))
    return Evidence(
        principals=totals.principals,
        population=surroundings.population,
        examined=0,
        exchanges=group.exchanges,
        texts=texts,
        distinct=distinct_texts(group, repeats.distinct, texts, surroundings.overlap, found.core),
        repeats=repeats.repeated,
        multiplicity=repeats.mean,
        dealt=repeats.dealt,
        coverage=0.0,
        follows=group.follows / max(1, group.exchanges),
        expansion=group.expansion,
        elicits=group.elicited / max(1, group.exchanges),
        **found.compared._asdict(),
        core=found.core,
        whole=found.whole,
        clarity=found.clarity,
        loads=found.loads,
        meetings={str(how): number for how, number in surroundings.meetings.items()},
        life=replace(group.life),
        returned=None,
        examined_at=now,
        unread=totals.unread / max(1, group.exchanges),
        senders=payload_loads(group.unread.values()),
        items=repeats.items,
        common=repeats.common,
    )


def _convicted(
    group: Group,
    found: Found,
    judged: Convicted,
    table: Table,
    members: SketchTable,
    settings: ExamineSettings,
    *,
    mixed: bool,
) -> Found:
    """Return what a group comes to whose principals' draws are one hand's: one core.

    Too few of their texts may have the key, or differ by what was answered to them. Strangers with
    the same key are no part of the core.
    """
    share = 1.0
    if judged.said.share < PURE:
        # Alike in manner alone, each may lie nearer to itself by all features: the hand has nobody.
        if not len(judged.rows) or (found.core is not None and not found.whole):
            return found
    elif found.core is not None and found.whole and not mixed:
        return found
    if mixed:
        share, table = judged.said.share, members.table(group.rows_of(judged.rows, members))
    known = table if len(table.texts) >= settings.min_units else members.table(judged.rows)
    return Found(found.compared, centre(known, share, settings.spreads), whole=not mixed)


def _returned(
    imprint: Imprint | None, rows: NDArray[np.intp], members: SketchTable, settings: ExamineSettings
) -> Return | None:
    """Compare all texts of a group, as one sample, with those of the one before it."""
    if imprint is None:
        return None
    table = members.table(_sample(rows, settings))
    texts = float(table.texts.sum())
    likeness = imprint.likeness(texts, table.topic.sum(axis=0), table.style.sum(axis=0))
    return Return(likeness, texts, imprint.link, imprint.seen_at, imprint.name or imprint.code)


def _look(table: Table, imprint: Imprint | None, settings: ExamineSettings) -> Job[Found]:
    """Compare the principals; where no core is found, that of the group before this one is it."""
    found = yield from _compared(table, settings)
    if found.core is None and imprint is not None:
        return found._replace(core=imprint.core, whole=imprint.whole)
    return found


def _compared(table: Table, settings: ExamineSettings) -> Job[Found]:
    """Compare the principals with each other; where they are mixed, those of the densest core."""
    if len(table.texts) < settings.min_units:
        return NOTHING
    compared = compare(table, settings)
    yield len(table.texts)
    if not compared.differs(settings.topic, settings.style):
        return Found(compared, centre(table, 1.0, settings.spreads))
    part = yield from _part(table, settings)
    return part if part is not None else Found(compared)


def compare(table: Table, settings: ExamineSettings) -> Compared:
    """Return the intraclass correlation of each block."""
    return Compared(
        intraclass(table.topic_sums(), settings.topic.dimensions, pooled=True),
        intraclass(table.style_sums(), settings.style.dimensions, pooled=False),
        intraclass(table.clock_sums(), settings.clock.dimensions, pooled=True),
    )


def _part(table: Table, settings: ExamineSettings) -> Job[Found | None]:
    """Find the densest core of a mixed table, where there is one, and compare its principals."""
    core = yield from densest(table, settings.search)
    if core is None or core.share < settings.core_share:
        return None
    odds = log_odds(core, table.texts, table.topic, table.style)
    near = odds > 0
    if near.sum() < settings.min_units:
        return None
    inside = table.take(near)
    return Found(
        compare(inside, settings),
        core,
        whole=False,
        clarity=float(odds[near].mean()) - logit(core.share),
        loads=loads(inside.texts, settings.min_texts),
    )


def _sample(rows: NDArray[np.intp], settings: ExamineSettings) -> NDArray[np.intp]:
    if len(rows) <= settings.max_units:
        return rows
    return rows[np.linspace(0, len(rows) - 1, settings.max_units).astype(np.intp)]
