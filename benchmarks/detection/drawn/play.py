"""Playing one drawn world through the engine, and what it came to."""

import gzip
import random
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.detection.drawn.population import HONEST, class_of
from benchmarks.detection.drawn.reaction import Operator, merged
from benchmarks.detection.drawn.world import Draw, Texts, World, write
from benchmarks.detection.rates import Linked, Rate, fires, linked
from benchmarks.detection.score import Outcome, Score, Scorer
from distillgate.cli.collector import few_collections
from distillgate.cli.playback import SECRET
from distillgate.config.load import load
from distillgate.engine.engine import Engine
from distillgate.tokenizer import Tokenizer
from distillgate.traffic.replay import Reading, read, replay


class Found(msgspec.Struct, frozen=True):
    """One campaign, honest class or honest group: its habits and what became of it."""

    label: str
    habits: dict[str, Any]
    outcome: Outcome
    planned: int = 0
    """Requests that a campaign would have sent if nothing had been refused."""
    signals: dict[str, int] = {}
    """Accounts by the signals that first restricted them."""
    tokens: int = 0
    """Output tokens that a campaign would have taken if nothing had been refused."""

    @property
    def leak(self) -> float:
        """Share of what a campaign planned that got a full answer."""
        return min(1.0, self.outcome.full / self.planned) if self.planned else 0.0


class Played(msgspec.Struct, frozen=True):
    """One world's result."""

    index: int
    habits: dict[str, Any]
    honest: list[Found]
    campaigns: list[Found]
    rates: dict[str, Rate]
    """How often each detector fired, where there was no campaign."""
    linked: list[Linked]
    digest: str
    """Hash of all decisions."""
    exchanges: int
    writing: float
    """Seconds of one core that writing the world took."""
    replaying: float
    """Seconds of one core that replaying it took."""


def play(
    texts: Texts, chosen: Draw, index: int, directory: Path, config: Path | None = None
) -> Played:
    """Draw a world, write it, judge it."""
    started = time.process_time()
    world = write(texts, chosen, index, directory)
    written = time.process_time()
    score, rates, groups = judge(world, f"{chosen.seed}/{index}", config)
    done = time.process_time()
    world.log.unlink()
    honest = [
        _found(score, label, msgspec.to_builtins(world.groups.get(label, {})))
        for label in score.honest
    ]
    plans = {one.label: one for one in world.campaigns}
    campaigns = [
        _found(score, label, msgspec.to_builtins(plans[label].plan), plans[label].lines)
        for label in score.campaigns
    ]
    every = [found.outcome.exchanges for found in (*honest, *campaigns)]
    return Played(
        index,
        msgspec.to_builtins(world.habits),
        honest,
        campaigns,
        rates,
        groups,
        score.digest,
        sum(every),
        round(written - started, 2),
        round(done - written, 2),
    )


def judge(
    world: World, seed: str, config: Path | None = None
) -> tuple[Score, dict[str, Rate], list[Linked]]:
    """Replay a world through an engine that enforces, with operators that react.

    Return the score, how often each detector fired (where there is no campaign), and the groups
    that one operator is said to feed in the end.
    """
    settings = load(config)
    secret = SECRET if settings.key is None else settings.key.get_secret_value().encode()
    count = Tokenizer(settings.tokenizer).exact
    engine = Engine(settings, count=count, secret=secret, enforce=True)
    scorer = Scorer(world.labels, _honest)
    operators = [Operator(one, random.Random(f"{seed}/{one.label}")) for one in world.campaigns]
    with gzip.open(world.log) as honest, few_collections():
        lines = enumerate(merged(honest, operators), 1)
        for line, decision in replay(read(lines, Reading(), _fail), engine):
            scorer.add(line, decision)
            for operator in operators:
                operator.see(decision)
    rates = {} if operators else fires(engine)
    return scorer.close(), rates, linked(engine, world.labels, _honest)


def _honest(label: str) -> bool:
    return class_of(label) in HONEST


def _found(
    score: Score, label: str, habits: dict[str, Any], planned: Sequence[dict[str, Any]] = ()
) -> Found:
    outcome = (score.campaigns if planned else score.honest)[label]
    signals = dict(score.reasons.get(label, Counter()).most_common(4))
    usage = [line["response"].get("usage") or {} for line in planned]
    tokens = sum(one.get("completion_tokens") or 0 for one in usage)
    return Found(label, habits, outcome, len(planned), signals, tokens)


def _fail(text: str) -> None:
    raise ValueError(text)
