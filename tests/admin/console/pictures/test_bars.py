"""Bars over time: layers that stack, marks in their place, and small bars in rows."""

from __future__ import annotations

import pytest

pytest.importorskip("markupsafe")

from tests.admin.console.pictures.drawn import bins, of, shapes, texts, tree

from distillgate.admin.console.pictures.bars import actions, spark

FIRST = 1_771_200_000.0
COUNTS = {
    "allow": bins(b100=50, b101=10), "observe": bins(), "throttle": bins(b101=5),
    "degrade": bins(b101=3), "challenge": bins(), "refuse": bins(),
}  # fmt: skip


def test_only_actions_that_were_taken_are_drawn_and_the_sums_are_told() -> None:
    found = {"first": FIRST, "seconds": 300.0, "actions": COUNTS}
    drawn = actions(found, [{"at": FIRST + 300 * 101, "event": "kill_<b>"}])

    assert [len(of(drawn, kind)) for kind in ("throttle", "degrade", "refuse")] == [1, 1, 0]
    assert tree(drawn).attrib["aria-label"] == "68 exchanges, 8 of them throttled or harder."
    assert "kill <b>" in texts(drawn)


def test_marks_that_stand_close_share_a_label_and_each_keeps_its_line() -> None:
    found = {"first": FIRST, "seconds": 300.0, "actions": COUNTS}
    events = (
        (101, "killed"),
        (102, "resumed"),
        (103, "reloaded"),
        (103, "killed"),
        (300, "killed"),
    )

    drawn = actions(found, [{"at": FIRST + 300 * at, "event": what} for at, what in events])

    assert [one for one in texts(drawn) if "ed" in one and "throttled" not in one] == [
        "killed, resumed, reloaded", "killed",
    ]  # fmt: skip
    assert len(of(drawn, "mark")) == len(events)


def test_a_spark_has_a_bar_a_busy_bin_and_few_of_many() -> None:
    assert shapes(spark(bins(b300=3, b330=1)), "spark") == 2
    assert shapes(spark([1] * 336), "spark") <= 40
    assert shapes(spark(bins()), "spark") == 0
