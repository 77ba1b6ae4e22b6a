"""Appeals and labels from a shell, at a running gate."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from tests.cli.conftest import Run

from distillgate.cli.fitting import Fit, Peaks
from distillgate.engine.entries import Order
from distillgate.risk.calibration import Calibration
from distillgate.risk.null import Peak

if TYPE_CHECKING:
    from tests.conftest import Worked

AT = 1_800_000_000.0


def test_what_customers_ask_and_people_find_is_listed_answered_and_kept(
    run: Run, worked: Worked, tmp_path: Path
) -> None:
    where = ("--url", worked.url, "--key", worked.key)
    asked = Order(AT, "appeal", "c-1", AT + 1e7, name="dg-1", reason="why?\x1b", by="customer")
    worked.engine.order(asked)

    assert run("appeal", "list", *where).out.startswith("dg-1  c-1, 2027-01-15")
    done = run("appeal", "answer", "dg-1", "keep", "--reason", "sorry", "--by", "anna", *where)
    assert done.out == "dg-1: keep\n"
    assert run("appeal", "answer", "dg-1", "keep", "--reason", "x", *where).code == 1
    assert "keep, by anna: sorry" in run("appeal", "list", *where).out
    assert run("appeal", "list", "--json", *where).out.count("dg-1") == 1

    assert run("account", "label", "c-2", "--says", "honest", *where).code == 0
    many = run("account", "label", "--campaign", worked.group, "--says", "confirmed", *where)
    assert "16 accounts" in many.out
    assert "c-2: confirmed, by operator" in run("account", "labels", *where).out
    labels = json.loads(run("account", "labels", "--json", *where).out)
    assert {one["account"] for one in labels} == {f"c-{number}" for number in range(16)}
    assert {one["says"] for one in labels} == {"confirmed"}


def test_labels_that_are_none_are_refused(run: Run, log: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "labels.json"
    wrong.write_text('{"a": "honest"}')
    ended = run("calibrate", log, "--labels", wrong)
    assert ended.code == 2
    assert "account labels --json" in ended.err
    assert run("calibrate", log, "--labels", tmp_path / "none").code == 2


def test_a_person_outvotes_the_gate_on_whom_chance_is_fitted_to() -> None:
    linked, free = Peak("a", "all", group="g-1"), Peak("b", "all", risk=9.0)
    assert (linked.fitted, free.fitted) == (False, True)
    linked.label, free.label = "honest", "confirmed"
    assert (linked.fitted, free.fitted) == (True, False)
    found = Fit(Calibration(budget=0.1), Peaks(), Peaks(), 2.0)
    found.bare._peaks.update({"a": linked, "b": free})
    assert found.restricted == []
