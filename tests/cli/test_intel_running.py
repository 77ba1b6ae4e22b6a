"""A running gate is given a report, says what holds, and takes one back."""

from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
from tests.cli.conftest import Run
from tests.intel.telling import LABS, bundle, indicator

from distillgate import Gate
from distillgate.intel.community import save
from distillgate_lab.upstream.app import upstream
from distillgate_lab.upstream.server import serve

NOW = 1.8e9


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[tuple[str, ...]]:
    save(LABS, tmp_path / "labs.json")
    settings = {
        "admin": {"key": "operator"},
        "intelligence": {
            "community": str(tmp_path / "labs.json"),
            "trust": ["a lab", "another lab"],
        },
        "governance": {"audit": {"path": str(tmp_path / "audit.jsonl")}},
        "telemetry": {"log": {"level": "off"}},
    }
    with serve(Gate(upstream(), settings, clock=lambda: NOW).sidecar()) as address:
        yield "--url", f"{address.url}/distillgate", "--key", "operator"


def test_a_report_is_given_listed_and_taken_back(
    run: Run, gate: tuple[str, ...], tmp_path: Path
) -> None:
    report = tmp_path / "report.json"
    objects = bundle("a lab", NOW)["objects"]
    stranger = bundle("a foe", NOW)["objects"]
    report.write_bytes(orjson.dumps({"type": "bundle", "objects": [*objects, *stranger]}))
    given = run("intel", "import", report, *gate, "--reason", "told by a lab")
    assert given.code == 0, given.err
    assert "1 templates taken, 0 withdrawn" in given.out
    assert "1 left out: by a foe, who is not trusted" in given.err

    listed = run("intel", "list", *gate)
    assert f"{indicator()} by a lab, 1 lines, until 2027-01-2" in listed.out
    [held] = orjson.loads(run("intel", "list", *gate, "--json").out)
    assert held["id"] == indicator()

    gone = run("intel", "withdraw", indicator(), *gate, "--reason", "a public prompt")
    assert gone.code == 0, gone.err
    assert run("intel", "list", *gate).out == "no report holds\n"
    again = run("intel", "withdraw", indicator(), *gate, "--reason", "a public prompt")
    assert again.code == 1


def test_a_source_that_tells_too_much_is_told_of_and_silences_no_other(
    run: Run, gate: tuple[str, ...], tmp_path: Path
) -> None:
    report = tmp_path / "report.json"
    flood, other = bundle("a lab", NOW)["objects"], bundle("another lab", NOW, names=("y",))
    [one] = [made for made in flood if made["type"] == "indicator"]
    flood += [one | {"id": f"indicator--{number:036x}"} for number in range(10_000)]
    report.write_bytes(orjson.dumps({"type": "bundle", "objects": flood + other["objects"]}))

    given = run("intel", "import", report, *gate, "--reason", "told by a lab")

    assert given.code == 0, given.err
    assert "10000 templates taken" in given.out
    assert "2 left out: by a lab, beyond its share of 10,000" in given.err
    assert "by a lab, beyond its share of 10,000" in (tmp_path / "audit.jsonl").read_text()
    assert f"{indicator('y')} by another lab" in run("intel", "list", *gate).out


def test_a_report_that_is_too_large_for_a_gate_is_given_in_pieces(
    run: Run, gate: tuple[str, ...], tmp_path: Path
) -> None:
    report = tmp_path / "report.json"
    flood, other = bundle("a lab", NOW)["objects"], bundle("another lab", NOW, "disagree", ("y",))
    [one] = [made for made in flood if made["type"] == "indicator"]
    for number in range(9):
        size = (20 << 20) if number == 8 else (3 << 20)
        flood.append(one | {"id": f"indicator--{number:036x}", "description": "x" * size})
    flood.append(one | {"id": indicator("y")})
    report.write_bytes(orjson.dumps({"type": "bundle", "objects": flood + other["objects"]}))

    given = run("intel", "import", report, *gate, "--reason", "told by a lab")

    assert given.code == 0, given.err
    assert given.out.count("templates taken") == 2
    assert f"1 left out: indicator--{8:036x}: too large" in given.err
    held = orjson.loads(run("intel", "list", *gate, "--json").out)
    names = {indicator(), *(f"indicator--{number:036x}" for number in range(8))}
    assert {made["id"] for made in held} == names, "what is disputed in any is so in all"


def test_what_is_missing_is_said(run: Run, gate: tuple[str, ...], tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    report.write_bytes(orjson.dumps(bundle("a lab", NOW)))
    assert "--reason" in run("intel", "import", report, *gate).err
    assert "one of --from-log and --url" in run("intel", "import", report).err
    assert "--community" in run("intel", "import", report, "--from-log", report).err
