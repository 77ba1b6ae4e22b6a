"""`python -m benchmarks.detection.evasion`: one campaign, hidden in every way that we know.

Then what it does to have others restricted in its place (`framing`).

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

from benchmarks.detection.framing import FRAMED, FRAMES, Frame
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
    wanted = options.trick
    known: list[Trick | Frame] = [*TRICKS, *FRAMES]
    chosen = [one for one in known if not wanted or one.name in wanted]
    with tempfile.TemporaryDirectory(prefix="distillgate-evasion-") as made:
        ground = Ground.prepare(options.corpus, options.half, SCALE, Path(made))
        print("| trick or frame | price a request | recall | leak | alarm | honest restricted |")
        print("|---|---|---|---|---|---|")
        for kind in options.kind:
            _play(ground, kind, chosen, options.seed, options.jobs)


def _play(ground: Ground, kind: str, chosen: Sequence[Trick | Frame], seed: int, jobs: int) -> None:
    people = ground.honest(seed)
    parts: list[tuple[object, Part]] = [
        (one, _part(ground, kind, one, seed, ground.directory / f"{number}.jsonl.gz"))
        for number, one in enumerate(chosen)
    ]

    def tell(one: Trick | Frame, score: object) -> None:
        if isinstance(score, Score):  # a run that is cut off is worth what it found by then
            print(_row(kind, one, score), file=sys.stderr, flush=True)

    workers = Workers(jobs, ground.directory, tell)
    Judge(people, None).branch(parts, workers)
    found = dict(workers.results())
    for trick in chosen:
        print(_row(kind, trick, found[trick]), flush=True)


def _part(ground: Ground, kind: str, one: Trick | Frame, seed: int, path: Path) -> Part:
    """Write the campaign with a trick, or with those whom it frames."""
    dice = random.Random(f"{seed} {one.name}")
    writer = Writer(path)
    if isinstance(one, Trick):
        lines, labels = _campaign(ground, kind, seed, ACCOUNTS, EACH)
        changed = one.change(lines, dice)
    else:
        lines, labels = _campaign(ground, kind, seed, one.accounts, one.each)
        scene = ground.scene(f"{seed}/{one.name}", writer, campaign=False)
        scene.label = FRAMED
        changed = one.play(scene, lines, dice)
    for line in changed:
        writer.add(line)
    if isinstance(one, Frame):
        labels |= scene.labels
    writer.close()
    return Part(path, labels, writer.start)


def _campaign(
    ground: Ground, kind: str, seed: int, accounts: int, each: int
) -> tuple[list[Record], dict[str, str]]:
    """Write the campaign as it is before any trick."""
    path = ground.directory / "campaign.jsonl.gz"
    writer = Writer(path)
    scene = ground.scene(f"{seed}/{kind}@mimic", writer, campaign=True)
    scene.label = kind
    run(scene, replace(CAMPAIGNS[kind], accounts=accounts, each=each), "mimic")
    writer.close()
    with gzip.open(path) as file:
        return [orjson.loads(line) for line in file], scene.labels


def _row(kind: str, trick: Trick | Frame, score: Score) -> str:
    found, honest = score.campaigns[kind], score.everyone
    framed = score.campaigns.get(FRAMED)
    victims = f", framed {framed.restricted} of {framed.accounts}" if framed is not None else ""
    return (
        f"| {kind}: {trick.name} | {trick.price} | {found.recall:.2f} | {found.leak:.2f} "
        f"| {found.alarm if found.alarm is not None else 'never'} "
        f"| {honest.restricted} of {honest.accounts}{victims} |"
    )


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
