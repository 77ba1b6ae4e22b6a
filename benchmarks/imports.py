"""`python -m benchmarks.imports`: what a campaign comes to that other programs have logged.

One campaign among honest accounts is written as a traffic log and, by `benchmarks.exports`, as each
program's export. Every export is imported and replayed; beside what is restricted stands what the
format did not tell.
"""

import argparse
import gzip
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from benchmarks.detection.log import Writer
from benchmarks.exports import EXPORTS
from distillgate.cli.importing import Foreign
from distillgate.cli.playback import play
from distillgate.config.load import load
from distillgate.traffic.formats.registry import FORMATS
from distillgate.traffic.imports import Source
from distillgate_lab.scenarios import generated, honest
from distillgate_lab.scenarios.campaigns import lists
from distillgate_lab.scenarios.campaigns.ring import Campaign, run
from distillgate_lab.scenarios.scene import Scene
from distillgate_lab.scenarios.words import Vocabulary

SMALL = Campaign(lists.templated, accounts=30, each=40)
DAYS = 10


class Row(NamedTuple):
    """What one log came to."""

    name: str
    exchanges: int
    restricted: int
    """Accounts of the campaign."""
    wronged: int
    """Honest accounts."""
    unknown: tuple[str, ...]


def world(
    directory: Path,
    infrastructure: str,
    scale: float,
    classes: Sequence[str],
    campaign: Campaign,
) -> tuple[Path, set[str], set[str]]:
    """Write a campaign among honest accounts; return its log and whose accounts are whose."""
    corpus = generated.corpus()
    vocabulary = Vocabulary(corpus.texts())
    writer = Writer(path := directory / "native.jsonl.gz")

    def write(record: dict[str, Any]) -> None:
        if record["path"].endswith("/chat/completions"):  # the one call that every format has
            writer.add(record)

    people = Scene(corpus, vocabulary, "imports/honest", write, campaign=False, days=DAYS)
    honest.populate(people, scale, classes)
    ring = Scene(corpus, vocabulary, "imports/ring", write, campaign=True, days=DAYS)
    ring.label = "ring"
    run(ring, campaign, infrastructure)
    writer.close()
    return path, set(people.labels), set(ring.labels)


def export(native: Path, directory: Path, name: str) -> tuple[str, ...]:
    """Write the log in a format; return its files."""
    path = directory / f"{name}.jsonl"
    with gzip.open(native) as lines, path.open("w") as file:
        for line in lines:
            for record in EXPORTS[name](_filled(json.loads(line))):
                file.write(json.dumps(record) + "\n")
    return (str(path),)


def _filled(line: dict[str, Any]) -> dict[str, Any]:
    """Return a line with what an exchange that was turned away does not tell."""
    usage = {"prompt_tokens": 0, "completion_tokens": 0, **line["response"].get("usage", {})}
    line["response"] = {"text": "", "latency": 0.0, **line["response"], "usage": usage}
    return line


def measure(
    directory: Path,
    infrastructure: str,
    scale: float,
    *,
    classes: Sequence[str] = tuple(honest.CLASSES),
    campaign: Campaign = SMALL,
) -> Iterator[Row]:
    """Replay the log as it is, then by way of every format."""
    native, people, ring = world(directory, infrastructure, scale, classes, campaign)
    config = load(None)
    played = play(str(native), config, lambda _line, _decision: None)
    yield _row("the gate's own", played.tally, people, ring, ())
    for name in EXPORTS:
        files = export(native, directory, name)
        foreign = Foreign(Source(FORMATS[name], files))
        played = play(name, config, lambda _line, _decision: None, foreign)
        told = foreign.summary()
        assert not told["malformed"] + told["without_account"], told
        unknown = tuple(one["what"] for one in told["not_known"] if not one["known"])
        yield _row(name, played.tally, people, ring, unknown)


def _row(name: str, tally: Any, people: set[str], ring: set[str], unknown: tuple[str, ...]) -> Row:
    restricted = {one.rpartition("/")[2] for one in tally.restricted}  # Bedrock's are whole roles
    return Row(name, tally.exchanges, len(restricted & ring), len(restricted & people), unknown)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.imports", description=__doc__)
    parser.add_argument("--infrastructure", default="shared", help="of the campaign")
    parser.add_argument("--scale", type=float, default=0.02, help="of the honest population")
    chosen = parser.parse_args(arguments)
    print(f"| log | exchanges | of {SMALL.accounts} restricted | honest restricted | not told |")
    print("|---|---|---|---|---|")
    with TemporaryDirectory() as directory:
        for row in measure(Path(directory), chosen.infrastructure, chosen.scale):
            unknown = ", ".join(row.unknown) or "nothing"
            cells = (row.name, f"{row.exchanges:,}", row.restricted, row.wronged, unknown)
            print(f"| {' | '.join(map(str, cells))} |", flush=True)


if __name__ == "__main__":
    main()
