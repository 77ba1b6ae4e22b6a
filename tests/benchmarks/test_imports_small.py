"""A campaign is restricted by way of every other program's log as by the gate's own."""

from dataclasses import replace
from pathlib import Path

from benchmarks import imports

from distillgate.traffic.formats.registry import FORMATS

LOGS = Path(__file__).parents[2] / "docs" / "logs.md"
WITHOUT_TEXT = {"envoy-ai-gateway"}
"""Formats that tell neither what was asked nor what was answered."""

NOBODYS = {"organisation", "end user"}


def test_a_campaign_is_restricted_by_way_of_every_format_that_has_its_text(tmp_path: Path) -> None:
    small = replace(imports.SMALL, accounts=20, each=20)

    classes = ("chat users", "classrooms")
    native, *rows = imports.measure(tmp_path, "shared", 0.0, classes=classes, campaign=small)

    assert {row.name for row in rows} == FORMATS.keys()
    assert {row.exchanges for row in rows} == {native.exchanges}
    assert {row.wronged for row in (native, *rows)} == {0}
    assert native.restricted == small.accounts
    assert {row.name: row.restricted for row in rows} == {
        name: 0 if name in WITHOUT_TEXT else small.accounts for name in FORMATS
    }
    # Nobody in this small world has an organisation or end users, so that no format can tell one.
    told = {row.name: {*row.unknown, *NOBODYS} for row in rows}
    assert told == {name: {*lacks, *NOBODYS} for name, lacks in documented().items()}


def documented() -> dict[str, list[str]]:
    """Return what the documents' table says that a format does not tell."""
    _, _, table = LOGS.read_text().partition("| the gate's own |")
    rows = [row.split(" | ") for row in table.partition("\n\n")[0].splitlines()[1:]]
    return {row[0].strip("| "): row[-1].strip("| ").split(", ") for row in rows}
