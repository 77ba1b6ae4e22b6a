"""`python -m benchmarks.detection`: build worlds, have the gate judge them, print the table."""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import orjson

from benchmarks.detection import table
from benchmarks.detection.results import Results
from benchmarks.detection.score import Score
from benchmarks.detection.workers import Workers
from benchmarks.detection.world import Ground, Played, World, worlds
from distillgate_lab.scenarios.clock import DAYS


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the proving ground."""
    options = _parser().parse_args(arguments)
    wanted = [word for given in options.worlds for word in given.split(";") if word]
    chosen = worlds(options.seeds, wanted)
    scale = min(options.scale, 0.02) if options.quick else options.scale
    with _directory(options.keep) as directory:
        ground = Ground.prepare(options.corpus, options.half, scale, directory)
        ground.days = options.days
        ground.config, ground.keep = options.config, options.keep is not None
        played = _all(ground, chosen, options.jobs, Results(options.out, ground.name))
    if options.json:
        sys.stdout.buffer.write(
            orjson.dumps(table.document(played), option=orjson.OPT_INDENT_2) + b"\n"
        )
    else:
        print(table.write(played))


def _all(ground: Ground, chosen: Sequence[World], jobs: int, results: Results) -> list[Played]:
    started = time.monotonic()

    def tell(name: World, found: object) -> None:
        if isinstance(found, Score):
            results.add(name, found)
            _progress(name, found, started)

    left = [world for world in chosen if world not in results]
    for seed in dict.fromkeys(world.seed for world in left):
        workers = Workers(jobs, ground.directory, tell)
        for world, score in ground.play(seed, [w for w in left if w.seed == seed], workers):
            results.add(world, score)
    return [(world, results[world]) for world in chosen]


def _progress(world: World, score: Score, started: float) -> None:
    total = score.everyone
    said = f"honest {total.restricted}/{total.accounts}"
    for name, o in score.campaigns.items():
        said += f"; {name}: recall {o.recall:.3f} leak {o.leak:.2f} alarm {o.alarm}"
    print(
        f"[{time.monotonic() - started:6.0f} s] seed {world.seed} {world.name}: {said[:400]}",
        file=sys.stderr,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.detection", description=__doc__)
    given = os.environ.get("DISTILLGATE_CORPUS", "")
    halves = ("dev", "held", "all")
    add = parser.add_argument
    add("--corpus", type=_texts, default=given, metavar="DIR", help="texts; else generated")
    add("--half", choices=halves, default="held", help="tune on dev, report on held")
    add(
        "--seeds",
        type=_seeds,
        default="3",
        help="how many of each world, or which: 4,5,6 (4, is one)",
    )
    add("--scale", type=float, default=1.0, help="1.0 is 20,000 honest accounts")
    add("--days", type=int, default=DAYS, help="days of a world, 14 or more")
    add(
        "--worlds",
        action="append",
        default=[],
        metavar="WORDS",
        help="parts of names KIND@INFRA, by semicolon; may be given again",
    )
    add("--jobs", type=int, default=1, help="processes at a time")
    add("--keep", type=Path, metavar="DIR", help="keep the logs and labels here")
    add(
        "--out",
        type=Path,
        metavar="FILE",
        help="add each world's result to it as it is done; those it has are not played again",
    )
    add("--config", type=Path, help="the gate's configuration; else its defaults")
    add("--quick", action="store_true", help="400 honest accounts at most")
    add("--json", action="store_true", help="every number, as JSON")
    return parser


def _texts(given: str) -> Path | None:
    return Path(given) if given else None


def _seeds(given: str) -> list[int]:
    if "," in given:
        return [int(seed) for seed in given.split(",") if seed]
    return list(range(1, int(given) + 1))


@contextmanager
def _directory(keep: Path | None) -> Iterator[Path]:
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        yield keep
        return
    with tempfile.TemporaryDirectory(prefix="distillgate-worlds-") as made:
        yield Path(made)


if __name__ == "__main__":
    main()
