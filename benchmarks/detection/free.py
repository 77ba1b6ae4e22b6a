"""`python -m benchmarks.detection.free`: what one free parameter of an operator changes.

Drawn worlds with one campaign are played again and again, each time with one parameter held at
another value and everything else as it was drawn. Only parameters that cost an operator nothing are
turned, and only campaigns are asked that the gate sees (or misses) as they were drawn.
"""

import argparse
import os
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from benchmarks.detection.__main__ import held_at, run
from benchmarks.detection.drawn.play import Played, play
from benchmarks.detection.drawn.results import Results
from benchmarks.detection.drawn.world import Draw, Texts

FREE: dict[str, Mapping[str, Any]] = {
    "as drawn": {},
    "even loads": {"load": "even"},
    "quotas": {"load": "quota"},
    "unequal loads": {"load": "log-normal", "unevenness": 0.8},
    "short windows": {"window": 0.15, "in_turn": 0.0},
    "windows in turn": {"window": 0.15, "in_turn": 1.0},
    "personal hours": {"personal_hours": 1.0},
    "round the clock": {"personal_hours": 0.0, "sitting": 1, "window": 1.0},
    "sittings": {"sitting": 10},
    "sorted list": {"order": "sorted", "order_strength": 0.3},
    "drifting list": {"order": "drifting", "order_strength": 1.0},
    "ten system prompts": {"wrapper": "prompts", "prompts": 10},
    "wrapper an account": {"wrapper": "paraphrased"},
    "no failover": {"failover": 0.0, "reaction": "none"},
    "rotation": {"reaction": "rotate", "patience": 1, "reserve": 1.0},
}
"""Values that cost nothing, by the name of the row."""


class Row(NamedTuple):
    """What one change came to, over the same campaigns."""

    name: str
    campaigns: int
    recall: float
    change: float
    """Mean difference of recall against the campaigns as drawn."""
    error: float
    """Standard error of that difference."""
    leak: float


def rows(found: Mapping[str, Mapping[int, Played]]) -> Iterator[Row]:
    """Compare every change with the same worlds as drawn."""
    base = found["as drawn"]
    for name, played in found.items():
        shared = [index for index in base if index in played and base[index].campaigns]
        pairs = [(base[i].campaigns[0], played[i].campaigns[0]) for i in shared]
        if not pairs:
            continue
        recall = np.asarray([after.outcome.recall for _, after in pairs])
        change = recall - np.asarray([before.outcome.recall for before, _ in pairs])
        error = float(np.std(change, ddof=1) / len(pairs) ** 0.5) if len(pairs) > 1 else 0.0
        leak = float(np.mean([after.leak for _, after in pairs]))
        yield Row(name, len(pairs), float(np.mean(recall)), float(np.mean(change)), error, leak)


def write(found: Sequence[Row]) -> Iterator[str]:
    """Write the table."""
    yield "| free choice | campaigns | recall | change of recall | its error | leak |"
    yield "|---|---|---|---|---|---|"
    for row in found:
        yield (
            f"| {row.name} | {row.campaigns} | {row.recall:.2f} | {row.change:+.3f} "
            f"| {row.error:.3f} | {row.leak:.2f} |"
        )


def main(arguments: Sequence[str] | None = None) -> None:
    """Play every change in the same worlds, and print the table."""
    options = _parser().parse_args(arguments)
    texts = Texts.read(options.corpus, options.half)
    held = {"campaigns": 1, "permuted": "nothing", **dict(held_at(one) for one in options.hold)}
    plain = Draw(options.seed, options.smallest, options.largest, held)
    found: dict[str, dict[int, Played]] = defaultdict(dict)
    for name, values in FREE.items():
        if options.only and name not in ("as drawn", *options.only):
            continue
        chosen = replace(plain, held={**held, **values})
        results = Results(options.out, f"{texts.corpus.origin} {chosen}")
        run(partial(play, texts, chosen), range(options.worlds), results, options.jobs)
        found[name] = {one.index: one for one in results if one.index < options.worlds}
    print("\n".join(write(list(rows(found)))))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.detection.free", description=__doc__
    )
    given = os.environ.get("DISTILLGATE_CORPUS", "")
    add = parser.add_argument
    add("--corpus", type=Path, default=Path(given) if given else None, metavar="DIR")
    add("--half", choices=("dev", "held", "all"), default="held")
    add("--hold", action="append", default=[], metavar="NAME=VALUE", help="do not draw this")
    add("--only", action="append", default=[], choices=sorted(FREE), help="may be given again")
    add("--worlds", type=int, default=8)
    add("--seed", type=int, default=1)
    add("--smallest", type=int, default=300, help="honest accounts of the smallest world")
    add("--largest", type=int, default=600)
    add("--jobs", type=int, default=1, help="processes at a time")
    add("--out", type=Path, metavar="DIR", help="keep results here; a rerun skips what is done")
    return parser


if __name__ == "__main__":
    main()
