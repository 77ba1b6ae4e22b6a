"""`python -m benchmarks.detection.single`: one heavy account of every kind, against its plan.

What content cannot decide, a budget bounds: a single account with a template of its own looks like
a good customer. So every kind of campaign is sent by one account, as fast as it likes, and the
different texts it got answered are printed beside what its plan allows, with the exchange at which
something other than the budget restricted it, if anything did. Texts it had answered before are
repeats: free, and bounded by the output tokens, which the answers under way may overrun.
"""

import argparse
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import orjson

from distillgate.engine.engine import Engine, EngineSettings
from distillgate.engine.passage import Passage
from distillgate.policy.plans import PlanSettings, PlansSettings
from distillgate.policy.policy import PolicySettings
from distillgate.traffic.log import decode
from distillgate.traffic.replay import replay
from distillgate.wire.request import Request
from distillgate_lab.scenarios import corpus, generated
from distillgate_lab.scenarios.campaigns import CAMPAIGNS, lists
from distillgate_lab.scenarios.campaigns.ring import Campaign, run
from distillgate_lab.scenarios.scene import Scene
from distillgate_lab.scenarios.text import Corpus
from distillgate_lab.scenarios.words import Vocabulary

EACH, DAYS = 4_000, 7.0
PLAN = PlanSettings(
    distinct_per_day=500.0,
    distinct_per_month=1_500.0,
    output_tokens_per_day=400_000.0,
    output_tokens_per_month=1_200_000.0,
)


@dataclass(slots=True)
class Found:
    """What became of one account."""

    exchanges: int = 0
    full: int = 0
    """Different texts judged allow or observe."""
    through: int = 0
    """Different texts let by while it was throttled."""
    repeats: int = 0
    """Texts that were answered before, let by."""
    tokens: int = 0
    """Output tokens of both."""
    suspected: int | None = None
    """The exchange at which evidence restricted it."""
    codes: Counter[str] = field(default_factory=Counter)
    signals: set[str] = field(default_factory=set)


def kinds(texts: Corpus) -> Iterator[tuple[str, Corpus, Campaign]]:
    """Give every work list by itself, then every other kind of campaign."""
    for pool in texts.pools:
        yield pool.name[:32], replace(texts, pools=[pool]), Campaign(lists.templated)
    for name, campaign in CAMPAIGNS.items():
        if campaign.feed is not lists.templated and not campaign.mix:
            yield name, texts, campaign


def play(
    name: str, texts: Corpus, campaign: Campaign, *, plan: PlanSettings = PLAN, each: int = EACH
) -> Found:
    """Have one account send a campaign, and judge it."""
    lines: list[Mapping[str, Any]] = []
    scene = Scene(texts, Vocabulary(texts.texts()), f"1/{name}", lines.append, campaign=True)
    one = replace(campaign, accounts=1, each=each, days=DAYS, stages=1, failover=0.0)
    run(scene, one, "mimic")
    ordered = sorted(lines, key=lambda line: float(line["ts"]))
    decoded = filter(None, (decode(orjson.dumps(line)) for line in ordered))
    plans = PlansSettings(default=plan)
    settings = EngineSettings(policy=PolicySettings(plans=plans))
    engine = Engine(settings, count=count, secret=b"single" * 6, enforce=True)
    found = Found()
    for line, decision in replay(decoded, engine):
        found.exchanges += 1
        if decision.code:
            found.codes[decision.code] += 1
        if decision.code == "suspected_extraction" and found.suspected is None:
            found.suspected = found.exchanges
            found.signals = {r.signal for r in decision.reasons if r.llr > 0}
        passage: Passage = decision.passage
        held = passage.reservation
        if held is None:
            continue
        fresh = held.cost.texts > 0
        found.repeats += not fresh
        found.full += fresh and not decision.action.restricts
        found.through += fresh and decision.action.restricts
        found.tokens += line.outcome.completion_tokens or 0
    return found


def count(request: Request) -> int:
    """Count tokens about right."""
    return sum(len(message.text) for message in request.messages) // 4


def write(found: Mapping[str, Found]) -> str:
    """Write the table."""
    bound = f"{PLAN.distinct_per_month:,.0f}"
    tokens = f"{PLAN.output_tokens_per_month:,.0f}"
    heads = ("sent", "full", "let by", "bound", "repeats", "tokens out", "suspected")
    widths = (6, 6, 7, 7, 8, 11, 10)
    named = " ".join(f"{head:>{width}}" for head, width in zip(heads, widths, strict=True))
    plan = f"{bound} different texts, {tokens} output tokens"
    lines = [
        f"one account, {EACH:,} exchanges in {DAYS:g} days; its plan, in 30 days: {plan}",
        f"{'kind':34} {named}  by",
    ]
    for name, one in found.items():
        at = "never" if one.suspected is None else f"{one.suspected:,}"
        lines.append(
            f"{name:34} {one.exchanges:6,} {one.full:6,} {one.through:7,} {bound:>7} "
            f"{one.repeats:8,} {one.tokens:11,} {at:>10}  {', '.join(sorted(one.signals))}"
        )
    over = [name for name, one in found.items() if one.full + one.through > PLAN_BOUND]
    lines.append(f"over the bound: {', '.join(over) or 'none'} of {len(found)} kinds")
    return "\n".join(lines)


PLAN_BOUND = PLAN.distinct_per_month or 0.0


def main(arguments: Sequence[str] | None = None) -> None:
    """Play every kind."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.detection.single", description=__doc__
    )
    default = os.environ.get("DISTILLGATE_CORPUS", "")
    parser.add_argument("--corpus", default=default, metavar="DIR", help="texts; else generated")
    parser.add_argument("--half", choices=("dev", "held", "all"), default="held")
    options = parser.parse_args(arguments)
    texts = corpus.load(Path(options.corpus), options.half) if options.corpus else None
    texts = texts or generated.corpus()
    print(write({name: play(name, one, campaign) for name, one, campaign in kinds(texts)}))


if __name__ == "__main__":
    main()
