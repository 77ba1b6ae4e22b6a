"""Fuzz targets one after the other, and say of each how far it came: `python -m tools.fuzz_report`.

    python -m tools.fuzz_report [--seconds 60] [--out .fuzz] [TARGET...]

Each runs in a process of its own, as `python -m tools.fuzz TARGET` does. What it tries is kept in a
folder and is where the next run begins. Exits with 1 where a target failed, after all have run.
"""  # noqa: INP001  # no package

import argparse
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tools.fuzz_targets import TARGETS

_DONE = re.compile(r"^#\d+\s+DONE\s+cov: (\d+) ft: (\d+)", re.MULTILINE)
_STATS = re.compile(r"^stat::(\w+):\s+(\d+)", re.MULTILINE)
_FAILED = re.compile(r"Test unit written to (\S+)")


class Row(NamedTuple):
    """What fuzzing a target came to."""

    target: str
    runs: int
    edges: int
    """Places of the code that were reached."""
    peak_mb: int
    failed: str
    """The file with the bytes that it failed on; empty where it did on none."""


def read(target: str, said: str, code: int) -> Row:
    """Read what libFuzzer said of a target."""
    stats = {name: int(value) for name, value in _STATS.findall(said)}
    done, failed = _DONE.search(said), _FAILED.search(said)
    unexplained = f"it ended with {code}" if code else ""
    return Row(
        target,
        stats.get("number_of_executed_units", 0),
        int(done[1]) if done else 0,
        stats.get("peak_rss_mb", 0),
        failed[1] if failed else unexplained,
    )


def run(target: str, seconds: int, out: Path) -> Row:
    """Fuzz one target for so long."""
    corpus = out / target
    corpus.mkdir(parents=True, exist_ok=True)
    options = [f"-max_total_time={seconds}", f"-artifact_prefix={out}/", "-print_final_stats=1"]
    ended = subprocess.run(
        [sys.executable, "-m", "tools.fuzz", target, *options, str(corpus)],
        capture_output=True,
        check=False,
        text=True,
        errors="replace",
    )
    found = read(target, ended.stderr, ended.returncode)
    if found.failed:
        print(ended.stderr[-4000:], file=sys.stderr)
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Fuzz targets and print the table, a row as soon as it is known."""
    parser = argparse.ArgumentParser(prog="python -m tools.fuzz_report", description=__doc__)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(TARGETS))
    parser.add_argument("--seconds", type=int, default=60, help="of each target")
    parser.add_argument("--out", type=Path, default=Path(".fuzz"), help="what was tried and found")
    chosen = parser.parse_args(arguments)
    if unknown := set(chosen.targets) - TARGETS.keys():
        parser.error(f"no such target: {', '.join(sorted(unknown))}")
    print("| target | runs | edges | peak MB | failed on |")
    print("|---|--:|--:|--:|---|", flush=True)
    rows = []
    for target in chosen.targets or TARGETS:
        rows.append(found := run(target, chosen.seconds, chosen.out))
        failed = found.failed or "nothing"
        print(
            f"| {target} | {found.runs:,} | {found.edges:,} | {found.peak_mb:,} | {failed} |",
            flush=True,
        )
    return int(any(row.failed for row in rows))


if __name__ == "__main__":
    sys.exit(main())
