"""The waterfall: each bar begins where the last ended, and the last one is the total."""

from __future__ import annotations

import pytest

pytest.importorskip("markupsafe")

from tests.admin.console.pictures.drawn import of, texts

from distillgate.admin.console.pictures.waterfall import waterfall

SIGNALS = [
    {"signal": "one_subject", "family": "linkage", "llr": 3.0},
    {"signal": "work_list", "family": "harvest", "llr": 2.0},
    {"signal": "shared_key", "family": "linkage", "llr": -1.5},
]
RUNGS = {"throttle": 2.0, "refuse": 10.0}


def edges(one: object) -> tuple[float, float]:
    got = one.attrib  # type: ignore[attr-defined]
    return float(got["x"]), float(got["x"]) + float(got["width"])


def test_bars_join_family_by_family_and_end_at_the_total() -> None:
    drawn = waterfall(SIGNALS, {}, RUNGS, 3.5)

    first, harvest = of(drawn, "against")
    [back] = of(drawn, "clearing")
    [total] = of(drawn, "total")
    assert edges(back)[1] == pytest.approx(edges(first)[1], abs=0.2)
    assert edges(harvest)[0] == pytest.approx(edges(back)[0], abs=0.2)
    assert edges(total) == pytest.approx((edges(first)[0], edges(harvest)[1]), abs=0.2)
    assert {"+3.00", "-1.50", "+2.00", "+3.50", "throttle 2", "refuse 10"} <= set(texts(drawn))


def test_what_a_cap_holds_back_is_hatched_and_does_not_count() -> None:
    drawn = waterfall(SIGNALS[1:2], {"harvest": 4.0}, RUNGS, 2.0)

    [capped], [bar], [total] = of(drawn, "capped"), of(drawn, "against"), of(drawn, "total")
    assert capped.attrib["fill"] == "url(#hatch)"
    assert edges(capped)[0] == pytest.approx(edges(bar)[1], abs=0.2)
    assert edges(total)[1] == pytest.approx(edges(bar)[1], abs=0.2)


def test_no_evidence_is_a_picture_too() -> None:
    drawn = waterfall([], {}, RUNGS, 0.0)
    assert "in all" in texts(drawn)
