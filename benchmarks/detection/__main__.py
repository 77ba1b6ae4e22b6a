"""`python -m benchmarks.detection`: draw worlds, have the gate judge them, report."""

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import msgspec

from benchmarks.detection.drawn import report
from benchmarks.detection.drawn.play import Played, play
from benchmarks.detection.drawn.results import Results
from benchmarks.detection.drawn.world import Draw, Texts
from benchmarks.detection.workers import Workers

_QUICK = (300, 1_000)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the proving ground."""
    options = _parser().parse_args(arguments)
    sizes = _QUICK if options.quick else (1_000 * options.scale, 20_000 * options.scale)
    held = dict(held_at(given) for given in options.hold)
    chosen = Draw(options.seed, max(50, round(sizes[0])), max(51, round(sizes[1])), held)
    texts = Texts.read(options.corpus, options.half)
    results = Results(options.out, f"{texts.corpus.origin} {chosen}")
    number = options.worlds or (12 if options.quick else 500)
    wanted = range(options.first, options.first + number)
    run(partial(play, texts, chosen, config=options.config), wanted, results, options.jobs)
    played = [one for one in results if one.index in wanted]
    if options.json:
        sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(played)) + b"\n")
    else:
        print(report.write(played))


def run(
    play_one: Callable[[int, Path], Played], wanted: Sequence[int], results: Results, jobs: int
) -> None:
    """Play those of the wanted worlds that have no result yet."""
    with tempfile.TemporaryDirectory(prefix="distillgate-drawn-") as made:
        workers = Workers(jobs, Path(made), lambda _, played: _done(results, played))
        for index in wanted:
            if index not in results:
                workers.run(index, partial(play_one, index, Path(made)))
        for _ in workers.results():
            pass


def _done(results: Results, played: Played) -> None:
    """Keep a world's result and print a line of it."""
    results.add(played)
    honest = sum(found.outcome.restricted for found in played.honest)
    accounts = sum(found.outcome.accounts for found in played.honest)
    told = "; ".join(
        f"{found.habits['kind']}: recall {found.outcome.recall:.2f} leak {found.leak:.2f}"
        for found in played.campaigns
    )
    print(
        f"world {played.index}: honest {honest}/{accounts:,}; {told or 'no campaign'}; "
        f"{played.exchanges:,} exchanges, {played.writing:.0f}+{played.replaying:.0f} s",
        file=sys.stderr,
        flush=True,
    )


def held_at(given: str) -> tuple[str, object]:
    """Read a parameter's name and the value that it is held at."""
    name, _, value = given.partition("=")
    try:
        return name, msgspec.json.decode(value.encode())
    except msgspec.DecodeError:
        return name, value


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.detection", description=__doc__)
    given = os.environ.get("DISTILLGATE_CORPUS", "")
    add = parser.add_argument
    add("--corpus", type=_texts, default=given, metavar="DIR", help="texts; else generated")
    add(
        "--half", choices=("dev", "held", "all"), default="held", help="tune on dev, report on held"
    )
    add("--seed", type=int, default=1, help="of all worlds")
    add("--worlds", type=int, help="how many; 500, or 12 if quick")
    add("--first", type=int, default=0, help="number of the first world")
    add("--scale", type=float, default=1.0, help="1.0 is 1,000 to 20,000 honest accounts")
    add("--quick", action="store_true", help="12 worlds of 300 to 1,000 honest accounts")
    add("--hold", action="append", default=[], metavar="NAME=VALUE", help="do not draw this")
    add("--jobs", type=int, default=1, help="processes at a time")
    add("--out", type=Path, metavar="DIR", help="keep results here; a rerun skips what is done")
    add("--config", type=Path, help="the gate's configuration; else its defaults")
    add("--json", action="store_true", help="every number, as JSON")
    return parser


def _texts(given: str) -> Path | None:
    return Path(given) if given else None


if __name__ == "__main__":
    main()
