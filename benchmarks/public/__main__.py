"""`python -m benchmarks.public`: generated logs of campaigns beside honest twins, and who finds
what. Downloads nothing.

    python -m benchmarks.public                  the table
    python -m benchmarks.public --out DIR        ... and the logs, NAME.jsonl.gz, with who is what
    python -m benchmarks.public --decisions DIR  ... and a detector of yours, from DIR/NAME.jsonl,
                                                 in the form of `distillgate replay --out`

A cell is the share of a campaign's accounts that were restricted (throttled or harder) at least
once, and of the honest accounts beside it.
"""

import argparse
import gzip
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks.public.rules import RULES
from benchmarks.public.worlds import CAMPAIGN, PAIRS, World, worlds
from benchmarks.report import Table, markdown, plain
from distillgate.engine.engine import Engine, EngineSettings
from distillgate.tokenizer import Tokenizer, TokenizerSettings
from distillgate.traffic.log import Line, decode
from distillgate.traffic.replay import replay

_GATE, _YOURS = "distillgate", "yours"
_SECRET = b"public comparison"
_RESTRICTS = frozenset({"throttle", "degrade", "challenge", "refuse"})
Found = dict[str, set[str]]
"""The accounts that each detector restricted."""


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.public", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--scale", type=float, default=1.0, help="of the numbers of accounts")
    parser.add_argument("--only", choices=[pair.name for pair in PAIRS], action="append")
    parser.add_argument("--out", type=Path, help="a directory for the logs")
    parser.add_argument("--decisions", type=Path, help="a directory of another's decisions")
    parser.add_argument("--markdown", action="store_true", help="write tables for a page")
    chosen = parser.parse_args(arguments)
    results = []
    for world in worlds(chosen.seed, chosen.scale, chosen.only):
        if chosen.out is not None:
            write(world, chosen.out)
        found = judged(world)
        if chosen.decisions is not None:
            found[_YOURS] = restricted(chosen.decisions / f"{world.pair.name}.jsonl")
        results.append((world, found))
        print(world.pair.name, world.digest, file=sys.stderr)
    layout = markdown if chosen.markdown else plain
    print(layout([table(results), legend()]))


def judged(world: World) -> Found:
    """Have the gate, and each rule, read a log."""
    lines = [line for text in world.lines if (line := decode(text)) is not None]
    found: Found = {_GATE: set(_gate(lines))}
    for name, make in RULES:
        rule, named = make(), set[str]()
        for line in lines:
            named |= rule(line)
        found[name] = named
    return found


def _gate(lines: Sequence[Line]) -> Iterator[str]:
    """Yield whom the gate restricts: as it is installed, with no setting."""
    count = Tokenizer(TokenizerSettings()).count
    engine = Engine(EngineSettings(), count=count, secret=_SECRET, enforce=True)
    for line, decision in replay(lines, engine):
        if decision.action.restricts:
            yield line.exchange.account


def restricted(path: Path) -> set[str]:
    """Read decisions: lines with an `account` and an `action`."""
    decisions: list[dict[str, Any]] = [json.loads(line) for line in path.read_text().splitlines()]
    return {str(one["account"]) for one in decisions if one["action"] in _RESTRICTS}


def write(world: World, folder: Path) -> None:
    """Write a log, and who is what, for any other detector."""
    folder.mkdir(parents=True, exist_ok=True)
    name = world.pair.name
    with gzip.GzipFile(folder / f"{name}.jsonl.gz", "wb", mtime=0) as file:
        file.writelines(line + b"\n" for line in world.lines)
    (folder / f"{name}.labels.json").write_text(json.dumps(world.labels, indent=0))


def shares(world: World, accounts: set[str]) -> tuple[float, float]:
    """Return the shares of the campaign's accounts, and of the honest ones, that are among some."""
    sides = [{a for a, label in world.labels.items() if (label == CAMPAIGN) is bad}
             for bad in (True, False)]  # fmt: skip
    hits = [len(side & accounts) / max(1, len(side)) for side in sides]
    return hits[0], hits[1]


def table(results: Sequence[tuple[World, Found]]) -> Table:
    """Lay out what everybody found, and on average."""
    names = list(results[0][1])
    rows, sums = [], {name: [0.0, 0.0] for name in names}
    for world, found in results:
        each = {name: shares(world, found[name]) for name in names}
        for name, (hit, wronged) in each.items():
            sums[name][0] += hit / len(results)
            sums[name][1] += wronged / len(results)
        rows.append([world.pair.name, *(f"{hit:.0%} / {bad:.1%}" for hit, bad in each.values())])
    rows.append(["on average", *(f"{hit:.0%} / {bad:.1%}" for hit, bad in sums.values())])
    return Table("Accounts of the campaign / honest accounts that were restricted",
                 ["log", *names], rows)  # fmt: skip


def legend() -> Table:
    """Print what the logs are."""
    rows = [[p.name, f"{p.campaign} ({p.infrastructure})", p.twin, p.alike] for p in PAIRS]
    return Table("The logs", ["log", "campaign", "honest twin", "alike in"], rows)


if __name__ == "__main__":
    main()
