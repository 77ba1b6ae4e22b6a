"""Accounts from a terminal: listed, ordered on one by one and by campaign, tried and undone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run
    from tests.conftest import Worked


@pytest.fixture
def gate(worked: Worked) -> tuple[str, ...]:
    return ("--url", worked.url, "--key", worked.key)


def test_an_order_says_what_it_does_and_how_it_is_undone(run: Run, gate: tuple[str, ...]) -> None:
    assert run("account", "list", "--show", "ordered", *gate).out == "no account is ordered\n"
    why = ("--reason", "a subpoena", "--by", "anna", *gate)

    tried = run("account", "restrict", "c-3", "--action", "refuse", "--dry-run", *why)
    assert tried.out.startswith("c-3: restrict would be given, until ")
    assert "now: allow, nothing is done to it" in tried.out
    done = run("account", "restrict", "c-3", "--action", "refuse", "--days", "2", *why)
    assert done.out.startswith("c-3: restrict is given, until ")
    assert "now: refuse, nothing is done to it: the gate is in shadow mode" in done.out
    assert done.out.endswith("undo: distillgate account revoke c-3 --reason …\n")

    assert run("account", "orders", *gate).out.startswith("c-3: restrict to refuse until ")
    head, row = run("account", "list", "--show", "ordered", *gate).out.splitlines()
    assert head.split() == ["account", "risk", "exchanges", "plan", "stands"]
    assert row.startswith("c-3")
    assert row.endswith("order: restrict")
    assert "restrict to refuse by anna" in run("explain", "c-3", *gate).out
    assert run("account", "revoke", "c-3", *why).code == 0
    assert run("account", "orders", *gate).out == "nothing is ordered\n"


def test_a_campaign_is_pardoned_at_once(run: Run, gate: tuple[str, ...]) -> None:
    found = json.loads(run("campaign", "list", "--json", *gate).out)
    [name] = [one["id"] for one in found if one["accounts"] == 16]

    done = run("account", "pardon", "--campaign", name, "--reason", "a mistake", *gate)

    assert done.out.splitlines() == [
        f"campaign {name}: pardon is given to 16 accounts",
        f"undo: distillgate account unpardon --campaign {name} --reason …",
    ]
    assert len(run("account", "list", "--show", "pardoned", *gate).out.splitlines()) == 17


def test_a_persons_data_is_exported_and_forgotten(
    run: Run, gate: tuple[str, ...], tmp_path: Path
) -> None:
    out = tmp_path / "c-1.json"
    assert run("account", "export", "c-1", "--out", out, *gate) == (0, "", "")
    assert json.loads(out.read_bytes()) == json.loads(run("account", "export", "c-1", *gate).out)

    assert run("account", "forget", "c-1", "--reason", "their right", *gate).code == 0
    gone = run("account", "export", "c-1", *gate)
    assert (gone.code, gone.out) == (1, "")


def test_an_order_names_one_subject(run: Run, gate: tuple[str, ...]) -> None:
    why = ("--reason", "r", *gate)

    assert run("account", "pardon", *why).code == 2
    assert run("account", "pardon", "c-1", "--campaign", "x", *why).code == 2
    assert run("account", "pardon", "c-1", "--action", "refuse", *why).code == 2
    assert run("account", "pardon", "nobody", *why).code == 1
