"""`python -m benchmarks.detection.feeding`: can a campaign in the log disarm what is fitted to it?

Into one honest population a campaign of a share of all accounts is written, `calibrate` is asked,
and the log judged anew: either the campaign is restricted as before, or the command refused. What
would have come of `--force` is in the table too.
"""

import argparse
import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.detection.budget import CAMPAIGN, CONTAMINATION, contaminated
from benchmarks.detection.judge import Part
from benchmarks.detection.world import Ground
from distillgate.cli.calibrate import objection
from distillgate.cli.fitting import fit
from distillgate.config.schema import Config

SHARES = (0.0, 0.02, 0.05, 0.09, 0.17, 0.30)
"""Of all accounts of a log."""
BUDGET = 1e-3
SCALE = 0.02
"""Of 20,000 honest accounts."""
DAYS = 14
EXCHANGES = 1_500
"""Of the smallest campaign: with fewer it would not be restricted at all."""


class Row(NamedTuple):
    """What one log came to."""

    share: float
    guilty: int
    """Accounts of the campaign; restricted without the calibration, and with it."""
    guilty_before: int
    guilty_after: int
    honest: int
    honest_before: int
    honest_after: int
    refused: str

    @property
    def holds(self) -> bool:
        """Whether the campaign was not acquitted by a file that was written."""
        return bool(self.refused) or self.guilty_after >= self.guilty_before


def judge(ground: Ground, known: Part, shares: Sequence[float]) -> Iterator[Row]:
    """Fit to logs with more and more of a campaign."""
    for share in shares:
        odds = share / (1 - share)
        part = contaminated(ground, known, odds, exchanges=EXCHANGES) if share else known
        yield measure(part, share)


def measure(part: Part, share: float) -> Row:
    """Fit to one log."""
    found = fit(part.log, Config(), budget=BUDGET, contamination=CONTAMINATION)
    guilty = {name for name, label in part.labels.items() if label == CAMPAIGN}
    before = {peak.name for peak in found.restricted}
    after = {name for name, left in found.left.items() if left <= 0}
    return Row(
        share,
        len(guilty),
        len(before & guilty),
        len(after & guilty),
        len(found.bare) - len(guilty),
        len(before - guilty),
        len(after - guilty),
        objection(found, CONTAMINATION),
    )


def write(rows: Sequence[Row]) -> Iterator[str]:
    """Write the table."""
    yield "| campaign | accounts | restricted before, after | honest | before, after | command |"
    yield "|---|---|---|---|---|---|"
    for row in rows:
        yield (
            f"| {row.share:.0%} | {row.guilty} | {row.guilty_before}, {row.guilty_after} "
            f"| {row.honest} | {row.honest_before}, {row.honest_after} "
            f"| {'refuses' if row.refused else 'writes'} |"
        )


def main(arguments: Sequence[str] | None = None) -> None:
    """Run it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.detection.feeding")
    given = os.environ.get("DISTILLGATE_CORPUS", "")
    parser.add_argument("--corpus", default=given, metavar="DIR", help="texts; else generated")
    parser.add_argument("--scale", type=float, default=SCALE, help="1.0 is 20,000 honest accounts")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--shares", type=float, nargs="*", help="of all accounts")
    options = parser.parse_args(arguments)
    texts = Path(options.corpus) if options.corpus else None
    with tempfile.TemporaryDirectory(prefix="distillgate-feeding-") as directory:
        ground = Ground.prepare(texts, "held", options.scale, Path(directory))
        ground.days = DAYS
        rows: list[Row] = []
        for row in judge(ground, ground.honest(options.seed), options.shares or SHARES):
            rows.append(row)
            print("\n".join(write(rows)), flush=True)


if __name__ == "__main__":
    main()
