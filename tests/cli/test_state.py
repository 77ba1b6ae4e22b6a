"""A running gate's state, and a reload that says what it came to."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from tests.cli.conftest import Run
from tests.conftest import Worked

from distillgate.gate import Gate
from distillgate.governance.audit import read
from distillgate_lab.upstream.app import upstream
from distillgate_lab.upstream.server import serve

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.cli.conftest import Run

FILE = """\
mode: {mode}
reload_interval: 0
admin: {{key: operator}}
telemetry: {{log: {{level: "off"}}}}
governance: {{audit: {{path: {audit}}}}}
proxy: {{port: {port}}}
"""


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[tuple[str, ...]]:
    write(tmp_path)
    gate = Gate(upstream(), config=tmp_path / "config.yaml")
    with serve(gate.sidecar()) as address:
        yield ("--url", f"{address.url}/distillgate", "--key", "operator")


def write(folder: Path, mode: str = "shadow", port: int = 8080) -> None:
    text = FILE.format(mode=mode, port=port, audit=folder / "audit")
    (folder / "config.yaml").write_text(text)


def test_a_reload_waits_and_names_what_was_taken_and_what_waits(
    run: Run, gate: tuple[str, ...], tmp_path: Path
) -> None:
    before = json.loads(run("state", *gate, "--json").out)
    assert (before["mode"], before["reloaded_at"], before["waiting_for_restart"]) == (
        "shadow", None, [],
    )  # fmt: skip
    write(tmp_path, mode="enforce", port=9090)

    done = run("reload", *gate)

    assert done.out.splitlines()[0].startswith("enforce mode, distillgate ")
    assert "  proxy.port: changed in the file, and counts from the next start" in done.out
    after = json.loads(run("state", *gate, "--json").out)
    assert after["config"] != before["config"]
    assert f"configuration {after['config']}, taken " in run("state", *gate).out
    assert run("reload", "--no-wait", *gate) == (0, "", "")


def test_a_file_that_cannot_be_used_is_an_error_and_changes_nothing(
    run: Run, gate: tuple[str, ...], tmp_path: Path
) -> None:
    held = json.loads(run("state", *gate, "--json").out)
    (tmp_path / "config.yaml").write_text("mod: enforce\n")

    wrong = run("reload", *gate)

    assert (wrong.code, wrong.out) == (2, "")
    assert "mod: unknown key; did you mean `mode`?" in wrong.err
    assert json.loads(run("state", *gate, "--json").out) == held


def test_every_line_of_the_audit_log_names_its_configuration(
    run: Run, gate: tuple[str, ...], tmp_path: Path
) -> None:
    names = [json.loads(run("state", *gate, "--json").out)["config"]]
    run("kill", "--reason", "an outage", *gate)
    write(tmp_path, mode="enforce")
    run("reload", *gate)
    names.append(json.loads(run("state", *gate, "--json").out)["config"])
    run("resume", "--reason", "it is over", *gate)

    def kept() -> list[tuple[str, str]]:
        return [(line["event"], line["config"]) for line in read(tmp_path / "audit")]

    from tests.cli.conftest import until

    until(lambda: len(kept()) == 3)
    assert kept() == [("killed", names[0]), ("reloaded", names[1]), ("resumed", names[1])]


def test_who_killed_it_and_why_is_told_until_it_is_taken_back(
    run: Run, gate: tuple[str, ...]
) -> None:
    run("kill", *gate, "--reason", "complaints since noon", "--by", "anna")

    told = run("state", *gate).out.splitlines()

    assert told[1].startswith("  killed by anna, 20")
    assert told[1].endswith(" UTC: complaints since noon")
    assert json.loads(run("state", *gate, "--json").out)["kill"]["by"] == "anna"
    run("resume", *gate, "--reason", "mended")
    assert "killed by" not in run("state", *gate).out


def test_a_running_gate_is_put_into_shadow_and_back(run: Run, worked: Worked) -> None:
    gate = ("--url", worked.url, "--key", worked.key)

    killed = run("kill", *gate, "--reason", "an outage", "--by", "anna")
    resumed = run("resume", *gate, "--reason", "it is over")

    assert killed == (0, f"{worked.url}: shadow mode\n", "")
    assert resumed.code == 0
    log = worked.log.read_text()
    assert '"event":"killed"' in log
    assert '"by":"anna"' in log


def test_an_order_needs_a_reason_and_a_gate(run: Run, worked: Worked, nowhere: str) -> None:
    assert run("kill", "--url", worked.url, "--key", worked.key).code == 2
    astray = run("kill", "--url", f"{worked.url}/none", "--key", worked.key, "--reason", "x")
    assert astray.code == 2
    assert "the key was not sent" in astray.err
    assert run("kill", "--url", nowhere, "--reason", "x").code == 2
