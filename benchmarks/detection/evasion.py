"""`python -m benchmarks.detection.evasion`: one campaign, hidden in every way that we know.

The world is small (some 400 honest accounts, and a campaign of 150 accounts with 15 requests each
that looks like them), so that a trick takes seconds; each is judged in the same world.
"""

import argparse
import gzip
import os
import random
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import orjson

from benchmarks.detection.judge import Judge, Part
from benchmarks.detection.log import Writer
from benchmarks.detection.score import Score
from benchmarks.detection.tricks import TRICKS, Record, Trick
from benchmarks.detection.workers import Workers
from benchmarks.detection.world import Ground
from distillgate_lab.scenarios.campaigns import CAMPAIGNS
from distillgate_lab.scenarios.campaigns.ring import run

SCALE = 0.02
ACCOUNTS, EACH = 150, 15


def main(arguments: Sequence[str] | None = None) -> None:
    """Play every trick, and print the table."""
    options = _parser().parse_args(arguments)
    chosen = [trick for trick in TRICKS if not options.trick or trick.name in options.trick]
    with tempfile.TemporaryDirectory(prefix="distillgate-evasion-") as made:
        ground = Ground.prepare(options.corpus, options.half, SCALE, Path(made))
        ground.keep = True
        print("| trick | price a request | recall | leak | alarm | honest restricted |")
        print("|---|---|---|---|---|---|")
        for kind in options.kind:
            _play(ground, kind, chosen, options.seed, options.jobs)


def _play(ground: Ground, kind: str, chosen: Sequence[Trick], seed: int, jobs: int) -> None:
    people = ground.honest(seed)
    lines, labels = _campaign(ground, kind, seed)
    parts: list[tuple[object, Part]] = []
    for number, trick in enumerate(chosen):
        path = ground.directory / f"{number}.jsonl.gz"
        writer = Writer(path)
        for line in trick.change(lines, random.Random(f"{seed} {trick.name}")):
            writer.add(line)
        writer.close()
        parts.append((trick, Part(path, labels, writer.start)))
    workers = Workers(jobs, ground.directory, _tell)
    Judge(people, None).branch(parts, workers, whole=False)
    found = dict(workers.results())
    for trick in chosen:
        print(_row(kind, trick, found[trick]), flush=True)


def _campaign(ground: Ground, kind: str, seed: int) -> tuple[list[Record], dict[str, str]]:
    """Write the campaign as it is before any trick."""
    path = ground.directory / "campaign.jsonl.gz"
    writer = Writer(path)
    scene = ground.scene(f"{seed}/{kind}@mimic", writer, campaign=True)
    scene.label = kind
    run(scene, replace(CAMPAIGNS[kind], accounts=ACCOUNTS, each=EACH), "mimic")
    writer.close()
    with gzip.open(path) as file:
        return [orjson.loads(line) for line in file], scene.labels


def _row(kind: str, trick: Trick, score: Score) -> str:
    found, honest = score.campaigns[kind], score.everyone
    return (
        f"| {kind}: {trick.name} | {trick.price} | {found.recall:.2f} | {found.leak:.2f} "
        f"| {found.alarm if found.alarm is not None else 'never'} "
        f"| {honest.restricted} of {honest.accounts} |"
    )


def _tell(trick: Trick, score: object) -> None:
    if isinstance(score, Score):
        found = next(iter(score.campaigns.values()))
        print(f"{trick.name}: recall {found.recall:.2f}, leak {found.leak:.2f}", file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.detection.evasion", description=__doc__
    )
    given = os.environ.get("DISTILLGATE_CORPUS", "")
    add = parser.add_argument
    add("--corpus", type=Path, default=Path(given) if given else None, metavar="DIR")
    add("--half", choices=("dev", "held", "all"), default="held")
    add("--kind", nargs="+", default=["fixed reasoning prompt"], choices=sorted(CAMPAIGNS))
    add("--trick", action="append", default=[], help="only this one; may be given again")
    add("--seed", type=int, default=1)
    add("--jobs", type=int, default=2, help="processes at a time")
    return parser


if __name__ == "__main__":
    main()
