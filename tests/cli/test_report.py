"""`report`: of a log and of a running gate, as a page and as the figures that it shows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("jinja2")

from distillgate.actions.effect import Effect
from distillgate.cli.report import enforced
from distillgate.policy.decision import Action, Decision

if TYPE_CHECKING:
    from tests.cli.conftest import Run
    from tests.conftest import Worked


def test_a_log_becomes_a_page_and_its_figures(run: Run, log: Path, tmp_path: Path) -> None:
    out = tmp_path / "report.html"

    ended = run("report", log, "--out", out, "--json")

    assert ended.code == 0
    found = json.loads(ended.out)
    assert found["about"] == log.name
    assert found["now"]["mode"] == "replay"
    assert found["now"]["remembered"]["accounts"] == 20
    assert sum(map(sum, found["now"]["bins"]["actions"].values())) == 300
    text = out.read_text()
    assert text.startswith("<!doctype html>")
    assert '<data value="20" data-at="/now/remembered/accounts">20</data>' in text


def test_a_running_gate_becomes_the_page_that_its_console_shows(
    run: Run, worked: Worked, tmp_path: Path
) -> None:
    out = tmp_path / "report.html"
    ended = run("report", "--url", worked.url, "--key", worked.key, "--out", out, "--json")

    found = json.loads(ended.out)
    codes = [one["campaign"]["code"] for one in found["campaigns"]]
    assert [code.removeprefix("c-") for code in codes] == [worked.group.removeprefix("g-")]
    assert "c-1" in out.read_text()
    hidden = tmp_path / "hidden.html"
    said = run("report", "--url", worked.url, "--key", worked.key, "--out", hidden, "--pseudonyms")
    assert said.out.startswith(str(hidden))
    assert ">c-1<" not in hidden.read_text()
    assert "account-" in hidden.read_text()


def test_what_is_missing_is_said(run: Run, log: Path, worked: Worked, tmp_path: Path) -> None:
    assert run("report").code == 2
    assert run("report", log).code == 2
    assert run("report", log, "--url", worked.url, "--json").code == 2
    assert run("report", log, "--out", tmp_path / "no" / "folder.html").code == 2
    nowhere = run("report", "--url", worked.url, "--key", "wrong", "--json")
    assert nowhere.code == 2


@pytest.mark.parametrize(
    ("decision", "effect"),
    [
        (Decision("a"), Effect("")),
        (Decision("a", Action.THROTTLE), Effect("")),
        (Decision("a", Action.THROTTLE, retry_after=1.0), Effect("", result="throttled")),
        (Decision("a", Action.DEGRADE), Effect("", measures=("degrade",))),
        (Decision("a", Action.REFUSE), Effect("", result="throttled")),
        (Decision("a", Action.REFUSE, not_enforced="onset"), Effect("")),
        (Decision("a", Action.DEGRADE, not_enforced="onset"), Effect("")),
    ],
)
def test_a_replay_shows_what_enforcing_would_have_done(decision: Decision, effect: Effect) -> None:
    assert enforced(decision) == effect
