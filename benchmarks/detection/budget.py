"""`python -m benchmarks.detection.budget`: is the budget of false alarms kept, on other people?

A calibration is fitted to one honest population, once as it is and once with a campaign of two
percent of its accounts in it, and judged on others it has never seen: how many of their accounts
would ever have been restricted, in all and in each honest class.
"""

import argparse
import gzip
import heapq
import os
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from scipy.stats import chi2

from benchmarks.detection.judge import Part
from benchmarks.detection.log import Writer, time_of
from benchmarks.detection.world import Ground
from distillgate.cli.calibrate import calibrated, fit, peaks
from distillgate.config.schema import Config
from distillgate.risk.calibration import Calibration
from distillgate.scenarios.campaigns import CAMPAIGNS
from distillgate.scenarios.campaigns.ring import run
from distillgate.scenarios.scene import Scene
from distillgate.traffic.peaks import Peaks

BUDGETS = (1e-3, 1e-4)
CONTAMINATION = 0.03
GUILTY = 0.02
KNOWN = 1
"""Seed of the population that is fitted to."""


@dataclass(frozen=True, slots=True)
class Realised:
    """What a calibration came to on others."""

    fitted_to: str
    budget: float
    accounts: int
    restricted: int
    worst: tuple[str, int, int]
    """The class with the largest share restricted: its name, how many, of how many."""
    guilty: tuple[int, int]
    """Of the campaign in the log that was fitted to: restricted all the same, of how many."""


class Others(NamedTuple):
    """A population nothing was fitted to, and its accounts' classes."""

    log: Path
    labels: Mapping[str, str]


def judge(ground: Ground, seeds: Sequence[int]) -> Iterator[Realised]:
    """Fit to one population, clean and contaminated; judge on others."""
    known = ground.honest(KNOWN)
    others = [Others(part.log, part.labels) for part in map(ground.honest, seeds)]
    mixed = _contaminated(ground, known)
    settings = Config()
    seen: dict[str, list[Peaks]] = {}
    for name, part in (("honest", known), ("with 2 % guilty", mixed)):
        for budget in BUDGETS:
            fitted, own = fit(part.log, settings, budget=budget, contamination=CONTAMINATION)
            yield _realised(
                name, fitted, own, part, _unseen(fitted, settings, others, seen), others
            )


def _unseen(
    fitted: Calibration, settings: Config, others: Sequence[Others], seen: dict[str, list[Peaks]]
) -> list[Peaks]:
    """Replay the others once for every set of shifts; margins need no replay."""
    bare = fitted.model_copy(
        update={
            "everyone": fitted.everyone.model_copy(update={"margin": 0.0}),
            "classes": {n: c.model_copy(update={"margin": 0.0}) for n, c in fitted.classes.items()},
        }
    )
    key = str({name: null.shifts for name, null in (*bare.classes.items(), ("", bare.everyone))})
    if key not in seen:
        seen[key] = [peaks(other.log, calibrated(settings, bare))[1] for other in others]
    return seen[key]


def _realised(
    name: str,
    fitted: Calibration,
    own: Peaks,
    part: Part,
    found: Sequence[Peaks],
    others: Sequence[Others],
) -> Realised:
    everybody, wronged = Counter[str](), Counter[str]()
    for other, peaks_of in zip(others, found, strict=True):
        for peak in peaks_of.all():
            kind = other.labels[peak.name]
            everybody[kind] += 1
            wronged[kind] += _restricted(fitted, peak.risk, peak.kind)
    worst = max(everybody, key=lambda kind: wronged[kind] / everybody[kind])
    guilty = [p for p in own.all() if part.labels[p.name].startswith(_GUILTY)]
    return Realised(
        name,
        fitted.budget,
        everybody.total(),
        wronged.total(),
        (worst, wronged[worst], everybody[worst]),
        (sum(_restricted(fitted, p.risk, p.kind) for p in guilty), len(guilty)),
    )


def _restricted(fitted: Calibration, risk: float, kind: str) -> bool:
    return risk - fitted.of(kind).margin >= Config().policy.ladder.throttle


_GUILTY = "campaign"


def _contaminated(ground: Ground, known: Part) -> Part:
    """Merge a campaign of two percent of the accounts into the log that is fitted to."""
    path = ground.directory / "contaminated.jsonl.gz"
    writer = Writer(ground.directory / "guilty.jsonl.gz")
    scene = Scene(ground.corpus, ground.vocabulary, "budget", writer.add, campaign=True)
    count = max(20, round(GUILTY * len(known.labels)))
    run(scene, replace(CAMPAIGNS["500 accounts"], accounts=count), "mimic")
    writer.close()
    guilty = dict.fromkeys(scene.labels, _GUILTY)
    with (
        gzip.open(known.log) as honest,
        gzip.open(ground.directory / "guilty.jsonl.gz") as other,
        gzip.open(path, "wb", compresslevel=1) as out,
    ):
        for line in heapq.merge(iter(honest), iter(other), key=time_of):
            out.write(line)
    return Part(path, {**known.labels, **guilty})


def write(found: Iterator[Realised]) -> Iterator[str]:
    """Write the table, a line as soon as it is known."""
    yield (
        f"{'fitted to':18} {'budget':>8} {'accounts':>9} {'restricted':>10} {'rate':>9} "
        f"{'95 % below':>10}  {'guilty':>9}  worst class"
    )
    for one in found:
        rate, (kind, hit, of) = one.restricted / one.accounts, one.worst
        yield (
            f"{one.fitted_to:18} {one.budget:>8g} {one.accounts:>9,} {one.restricted:>10,} "
            f"{rate:>9.5f} {_upper(one.restricted, one.accounts):>10.5f}  "
            f"{one.guilty[0]:>4}/{one.guilty[1]:<4}  {kind} {hit}/{of}"
        )


def _upper(hits: int, count: int) -> float:
    """Give the one-sided 95 % bound of a rate (Garwood: exact for Poisson counts)."""
    return float(chi2.ppf(0.95, 2 * (hits + 1))) / 2 / count


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
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        texts = Path(options.corpus) if options.corpus else None
        ground = Ground.prepare(texts, options.half, options.scale, Path(folder))
        for line in write(judge(ground, [int(seed) for seed in options.seeds.split(",")])):
            print(line, flush=True)


if __name__ == "__main__":
    main()
