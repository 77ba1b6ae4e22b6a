"""The leak curve: what was answered whole, cut and turned away adds up to what was sent."""

from __future__ import annotations

from itertools import pairwise

import pytest

pytest.importorskip("markupsafe")

from tests.admin.console.pictures.drawn import bins, of, texts, tree

from distillgate.admin.console.pictures.curve import leak

HEAT = {
    "first": 1_771_200_000.0,
    "seconds": 300.0,
    "total": {
        "sent": bins(b10=100, b11=100, b12=100),
        "judged": bins(b11=100, b12=100),
        "cut": bins(b11=40),
        "away": bins(b11=20, b12=100),
    },
}


def test_the_three_ends_are_named_and_add_up() -> None:
    drawn = leak(HEAT, 450.0)

    words = texts(drawn)
    assert {"140 whole", "40 cut", "120 turned away"} <= set(words)
    assert "one sender's budget: about 450" in words
    assert len(of(drawn, "budget")) == 1
    label = tree(drawn).attrib["aria-label"]
    assert label.startswith("Of 300 exchanges 140 were answered whole, 40 were cut, 120 were")


def test_without_a_budget_no_line_is_drawn() -> None:
    assert of(leak(HEAT, None), "budget") == []


def test_ends_are_not_written_on_one_another() -> None:
    ends = [float(one.attrib["y"]) for one in tree(leak(HEAT, None)).iter("text")
            if one.attrib["class"].startswith("end-")]  # fmt: skip
    assert all(above <= below - 14 for below, above in pairwise(ends))


def test_nothing_sent_is_drawn_as_nothing() -> None:
    empty = {**HEAT, "total": {name: bins() for name in ("sent", "judged", "cut", "away")}}
    assert tree(leak(empty, None)).attrib["aria-label"].startswith("Of 0 exchanges")
