"""`python -m benchmarks.detection.budget`: is the budget of false alarms kept, on other people?

A calibration is fitted to one honest population, once as it is and once with a campaign of two
percent of its accounts in it, and judged on others it has never seen: how many of their accounts
would ever have been restricted, in all and in each honest class. The table is written anew with
each population that was judged, so the longer it runs, the narrower its bounds.
"""

import argparse
import gzip
import heapq
import os
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import scipy

from benchmarks.detection.judge import Part
from benchmarks.detection.log import Writer, time_of
from benchmarks.detection.world import Ground
from distillgate.cli.fitting import Peaks, calibrated, chance, margins, peaks
from distillgate.config.schema import Config
from distillgate.risk.calibration import Calibration
from distillgate.risk.null import Peak
from distillgate_lab.scenarios.campaigns import CAMPAIGNS
from distillgate_lab.scenarios.campaigns.ring import run

BUDGETS = (1e-3, 1e-4)
CONTAMINATION = 0.03
GUILTY = 0.02
KNOWN = 1
"""Seed of the population that is fitted to."""
MONTH = 30
"""Days of a world: what a budget is stated for."""
TIMES = 3.0
"""How far a class may be beyond the budget."""


@dataclass(slots=True)
class Fitted:
    """A calibration, and what it came to on others so far."""

    to: str
    calibration: Calibration
    guilty: tuple[int, int]
    """Of the campaign in the log that was fitted to: restricted all the same, of how many."""
    accounts: Counter[str] = field(default_factory=Counter)
    """Of others, by honest class."""
    restricted: Counter[str] = field(default_factory=Counter)


def judge(ground: Ground, seeds: Sequence[int]) -> Iterator[list[Fitted]]:
    """Fit to one population, clean and contaminated; judge on others, one after another."""
    settings = Config()
    known = ground.honest(KNOWN)
    parts = {"honest": known, "with 2 % guilty": contaminated(ground, known, GUILTY)}
    fitted = [one for name, part in parts.items() for one in _fit(name, part, settings)]
    for seed in seeds:
        other = ground.honest(seed)
        seen: dict[str, list[Peak]] = {}
        for one in fitted:
            for peak in _unseen(one.calibration, settings, other, seen):
                kind = other.labels[peak.name]
                one.accounts[kind] += 1
                one.restricted[kind] += _restricted(one.calibration, peak)
        yield fitted


def _fit(name: str, part: Part, settings: Config) -> Iterator[Fitted]:
    own = chance(part.log, settings, budget=BUDGETS[0], contamination=CONTAMINATION)
    guilty = [p for p in own.found.all() if part.labels[p.name].startswith(CAMPAIGN)]
    for budget in BUDGETS:
        known = own.calibration.model_copy(update={"budget": budget})
        found = margins(own, known, CONTAMINATION)
        yield Fitted(name, found, (sum(_restricted(found, p) for p in guilty), len(guilty)))


def _unseen(
    fitted: Calibration, settings: Config, other: Part, seen: dict[str, list[Peak]]
) -> list[Peak]:
    """Replay the others once for every set of shifts; margins need no replay."""
    bare = fitted.model_copy(
        update={
            "everyone": fitted.everyone.model_copy(update={"margin": 0.0}),
            "classes": {n: c.model_copy(update={"margin": 0.0}) for n, c in fitted.classes.items()},
        }
    )
    key = str({name: null.shifts for name, null in (*bare.classes.items(), ("", bare.everyone))})
    if key not in seen:
        found: Peaks
        _, found = peaks(other.log, calibrated(settings, bare))
        seen[key] = found.all()
    return seen[key]


def _restricted(fitted: Calibration, peak: Peak) -> bool:
    return peak.risk - fitted.of(peak.kind).margin >= Config().policy.ladder.throttle


CAMPAIGN = "campaign"


def contaminated(ground: Ground, known: Part, share: float, *, exchanges: int = 0) -> Part:
    """Merge a campaign of so many accounts to an honest one into the log that is fitted to.

    It sends so many exchanges at the least.
    """
    path = ground.directory / "contaminated.jsonl.gz"
    writer = Writer(ground.directory / "guilty.jsonl.gz")
    scene = ground.scene("budget", writer, campaign=True)
    count = max(1, round(share * len(known.labels)))
    plan = CAMPAIGNS["500 accounts"]
    each = max(plan.each, round(exchanges / count))
    run(scene, replace(plan, accounts=count, each=each), "mimic")
    writer.close()
    guilty = dict.fromkeys(scene.labels, CAMPAIGN)
    with (
        gzip.open(known.log) as honest,
        gzip.open(ground.directory / "guilty.jsonl.gz") as other,
        gzip.open(path, "wb", compresslevel=1) as out,
    ):
        for line in heapq.merge(iter(honest), iter(other), key=time_of):
            out.write(line)
    return Part(path, {**known.labels, **guilty})


def write(found: Sequence[Fitted]) -> Iterator[str]:
    """Write the table, and the classes somebody of whom was restricted."""
    yield (
        f"{'fitted to':16} {'budget':>7} {'accounts':>8} {'restricted':>10} {'rate':>8} "
        f"{'95 %':>17}  {'guilty':>9}  classes"
    )
    for one in found:
        hits, count = one.restricted.total(), one.accounts.total()
        yield (
            f"{one.to:16} {one.calibration.budget:>7g} {count:>8,} {hits:>10,} {hits / count:>8.5f}"
            f" {_interval(hits, count)}  {one.guilty[0]:>4}/{one.guilty[1]:<4}  {_classes(one)}"
        )


def _classes(one: Fitted) -> str:
    """Name the classes beyond what they may be, or that are too small to tell."""
    bound = TIMES * one.calibration.budget
    hit = [
        f"{kind} {hits}/{one.accounts[kind]:,} ({_interval(hits, one.accounts[kind]).strip()})"
        for kind, hits in one.restricted.most_common()
        if hits
    ]
    shown = sum(
        _exact(one.restricted[kind], count)[1] <= bound for kind, count in one.accounts.items()
    )
    return f"{', '.join(hit) or 'nobody'}; {shown}/{len(one.accounts)} shown below {bound:g}"


def _interval(hits: int, count: int) -> str:
    low, high = _exact(hits, count)
    return f"{low:>8.6f}-{high:<8.6f}"


def _exact(hits: int, count: int) -> tuple[float, float]:
    """Give the 95 % interval of a rate (Clopper and Pearson 1934)."""
    low, high = scipy.stats.binomtest(hits, count).proportion_ci(0.95, method="exact")
    return float(low), float(high)


def main(arguments: Sequence[str] | None = None) -> None:
    """Fit, judge, print."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.detection.budget", description=__doc__
    )
    default = os.environ.get("DISTILLGATE_CORPUS", "")
    parser.add_argument("--corpus", default=default, metavar="DIR", help="texts; else generated")
    parser.add_argument("--half", choices=("dev", "held", "all"), default="held")
    parser.add_argument("--scale", type=float, default=1.0, help="1.0 is 20,000 honest accounts")
    parser.add_argument("--seeds", default="2,3", help="populations to judge on, not 1")
    parser.add_argument("--days", type=int, default=MONTH, help="days of a world, 14 or more")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        texts = Path(options.corpus) if options.corpus else None
        ground = Ground.prepare(texts, options.half, options.scale, Path(folder))
        ground.days = options.days
        for found in judge(ground, [int(seed) for seed in options.seeds.split(",")]):
            print("\n".join(write(found)), flush=True)


if __name__ == "__main__":
    main()
