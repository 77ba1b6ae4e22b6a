"""A calibration is fitted to a log, written, read back, and told in words."""

import json
from pathlib import Path

import pytest
from tests.cli.conftest import Run

from distillgate.config.load import load


def test_a_log_gives_a_file_that_the_configuration_takes(
    run: Run, log: Path, tmp_path: Path
) -> None:
    out, config = tmp_path / "calibration.json", tmp_path / "config.yaml"
    config.write_text(f"risk: {{calibration: {out}}}")

    ended = run("calibrate", log, "--budget", "1/1000", "--out", out, "--json")

    report = json.loads(ended.out)
    assert (ended.code, report["accounts"], report["restricted"]) == (0, 20, 0)
    assert sum(row["accounts"] for row in report["classes"]) == 20
    fitted = load(config).risk.calibration
    assert fitted is not None
    assert (fitted.budget, fitted.everyone.accounts) == (0.001, 20)


def test_the_same_log_gives_the_same_file(run: Run, log: Path, tmp_path: Path) -> None:
    outs = [tmp_path / name for name in ("one.json", "two.json")]
    for out in outs:
        assert run("calibrate", log, "--out", out).code == 0

    assert outs[0].read_bytes() == outs[1].read_bytes()


def test_it_is_told_in_words_too(run: Run, log: Path) -> None:
    ended = run("calibrate", log)

    assert "20 accounts" in ended.out
    assert "0 would have been restricted" in ended.out
    assert "20 accounts show one in 7 at best" in ended.out
    assert "the budget is of a month, this of 0.0 days" in ended.out


@pytest.mark.parametrize("budget", ["none", "1/0", "2", "0"])
def test_a_budget_that_is_no_share_is_refused(run: Run, log: Path, budget: str) -> None:
    ended = run("calibrate", log, "--budget", budget)

    assert ended.code == 2
    assert "1/10000" in ended.err


def test_an_empty_log_is_refused(run: Run, tmp_path: Path) -> None:
    empty = tmp_path / "empty.jsonl"
    empty.write_text("")

    ended = run("calibrate", empty)

    assert (ended.code, ended.err.strip()) == (2, f"{empty}: no exchange to calibrate on")
