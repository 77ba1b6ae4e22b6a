"""`python -m benchmarks.detection`: build worlds, have the gate judge them, print the table."""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path

import orjson

from benchmarks.detection import table
from benchmarks.detection.score import Score
from benchmarks.detection.world import Ground, World, worlds


@dataclass(frozen=True, slots=True)
class Run:
    """What a worker needs to play its worlds."""

    corpus: Path | None
    half: str
    scale: float
    directory: Path
    config: Path | None
    keep: bool


_ground: Ground | None = None


def play(run: Run, world: World) -> Score:
    """Play one world in a worker, which reads the texts once."""
    global _ground  # noqa: PLW0603  (one a process, set once)
    if _ground is None:
        _ground = Ground.prepare(run.corpus, run.half, run.scale, run.directory)
        _ground.config, _ground.keep = run.config, run.keep
    return _ground.play(world)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the proving ground."""
    options = _parser().parse_args(arguments)
    chosen = worlds(options.seeds, options.worlds.split(",") if options.worlds else [])
    if options.quick:
        options.scale = min(options.scale, 0.02)
    with _directory(options.keep) as directory:
        run = Run(
            options.corpus,
            options.half,
            options.scale,
            directory,
            options.config,
            options.keep is not None,
        )
        played = _all(run, chosen, options.jobs)
    if options.json:
        sys.stdout.buffer.write(
            orjson.dumps(table.document(played), option=orjson.OPT_INDENT_2) + b"\n"
        )
    else:
        print(table.write(played))


def _all(run: Run, chosen: Sequence[World], jobs: int) -> list[tuple[World, Score]]:
    started = time.monotonic()
    if jobs == 1:
        done = {}
        for world in chosen:
            done[world] = play(run, world)
            _progress(world, done[world], started)
        return list(done.items())
    with ProcessPoolExecutor(jobs) as pool:
        # The honest populations first, one each, so that no two workers write the same one.
        list(pool.map(_population, repeat(run), sorted({world.seed for world in chosen})))
        waiting = {pool.submit(play, run, world): world for world in chosen}
        found = {}
        for future in as_completed(waiting):
            found[waiting[future]] = future.result()
            _progress(waiting[future], future.result(), started)
    return [(world, found[world]) for world in chosen]


def _population(run: Run, seed: int) -> None:
    Ground.prepare(run.corpus, run.half, run.scale, run.directory).honest(seed)


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
    add("--seeds", type=_seeds, default="3", help="how many of each world, or which: 4,5,6")
    add("--scale", type=float, default=1.0, help="1.0 is 20,000 honest accounts")
    add("--worlds", default="", metavar="WORDS", help="parts of names KIND@INFRA, by comma")
    add("--jobs", type=int, default=1, help="worlds at a time")
    add("--keep", type=Path, metavar="DIR", help="keep logs, labels and decisions here")
    add("--config", type=Path, help="the gate's configuration; else its defaults")
    add("--quick", action="store_true", help="400 honest accounts at most")
    add("--json", action="store_true", help="every number, as JSON")
    return parser


def _texts(given: str) -> Path | None:
    return Path(given) if given else None


def _seeds(given: str) -> list[int]:
    if "," in given:
        return [int(seed) for seed in given.split(",")]
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
