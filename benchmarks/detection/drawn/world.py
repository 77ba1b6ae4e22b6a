"""A drawn world: what one seed and one number make of the priors."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.detection.drawn import campaign
from benchmarks.detection.drawn.campaign import Campaign, bounded
from benchmarks.detection.drawn.parameters import NATURAL, CampaignHabits, WorldHabits
from benchmarks.detection.drawn.permuted import permute
from benchmarks.detection.drawn.population import populate
from benchmarks.detection.drawn.priors import Pareto, draw
from benchmarks.detection.log import Writer
from distillgate_lab.scenarios import corpus, generated
from distillgate_lab.scenarios.clock import Habits
from distillgate_lab.scenarios.scene import Scene, Sink
from distillgate_lab.scenarios.text import Corpus
from distillgate_lab.scenarios.words import Vocabulary

_PART = 0.4
"""Accounts of a campaign at most, to one honest account."""
_LEAST = 30
"""Accounts that any campaign may have."""
_FEW = 600
"""Requests that any campaign may have."""


@dataclass(slots=True)
class Texts:
    """What all worlds of a run share."""

    corpus: Corpus
    vocabulary: Vocabulary

    @classmethod
    def read(cls, directory: Path | None, half: str) -> "Texts":
        """Read the texts of a directory, or write some."""
        found = corpus.load(directory, half) if directory is not None else generated.corpus()
        return cls(found, Vocabulary(found.texts()))


@dataclass(slots=True)
class World:
    """A world written down."""

    habits: WorldHabits
    log: Path
    """The honest accounts' traffic."""
    campaigns: list[Campaign]
    labels: dict[str, str]
    """Class, group or campaign of each account."""
    groups: dict[str, Any] = field(default_factory=dict)
    """Habits of the honest groups."""


@dataclass(frozen=True, slots=True)
class Draw:
    """Which worlds are drawn: the seed, the sizes, and parameters held at a value."""

    seed: int
    smallest: int = 1_000
    largest: int = 20_000
    """Honest accounts of the smallest and the largest world."""
    held: Mapping[str, Any] = field(default_factory=dict)
    """Parameters of worlds and campaigns that are not drawn, by name."""

    def habits(self, index: int) -> WorldHabits:
        """Draw a world's habits."""
        seed = f"{self.seed}/{index}"
        size = Pareto(self.smallest, self.largest)
        honest = size.draw(random.Random(f"{seed}/honest"))
        found = draw(WorldHabits, seed, **{"honest": honest, **self._held(WorldHabits)})
        if found.permuted != NATURAL:
            return msgspec.structs.replace(found, campaigns=0)
        return found

    def plans(self, index: int) -> list[CampaignHabits]:
        """Draw the plans of a world's campaigns: all of them fit into the world."""
        habits = self.habits(index)
        accounts = max(_LEAST, round(_PART * habits.honest))
        requests = max(_FEW, round(habits.work * habits.honest / max(1, habits.campaigns)))
        held = self._held(CampaignHabits)
        seeds = [f"{self.seed}/{index}/campaign {n}" for n in range(habits.campaigns)]
        drawn = [draw(CampaignHabits, seed, **held) for seed in seeds]
        return [bounded(plan, accounts, requests) for plan in drawn]

    def _held(self, kind: type[Any]) -> dict[str, Any]:
        return {name: value for name, value in self.held.items() if name in kind.__annotations__}


def write(texts: Texts, chosen: Draw, index: int, directory: Path) -> World:
    """Write one world down."""
    who = f"{chosen.seed}/{index}"
    habits = chosen.habits(index)
    log = directory / f"{index}.jsonl.gz"
    writer = Writer(log)
    scene = _scene(texts, f"{who}/honest", writer.add, habits, campaign=False)
    groups = populate(scene, habits, who)
    writer.close()
    if habits.permuted != NATURAL:
        permute(log, scene.labels, habits.permuted, seed=who, days=habits.days)
    sink: list[dict[str, Any]] = []
    ring = _scene(texts, f"{who}/campaigns", sink.append, habits, campaign=True)
    campaigns = [
        campaign.write(ring, sink, plan, f"campaign {n}")
        for n, plan in enumerate(chosen.plans(index))
    ]
    return World(habits, log, campaigns, {**scene.labels, **ring.labels}, groups)


def _scene(texts: Texts, who: str, sink: Sink, habits: WorldHabits, *, campaign: bool) -> Scene:
    usual = Habits(habits.volume, habits.spread, habits.talk)
    return Scene(
        texts.corpus,
        texts.vocabulary,
        who,
        sink,
        campaign=campaign,
        days=habits.days,
        habits=usual,
    )
