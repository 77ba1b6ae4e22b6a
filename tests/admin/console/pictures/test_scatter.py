"""The scatter of likeness: a point a group, in its place, with the one in question marked."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("markupsafe")

from tests.admin.console.pictures.drawn import of, tree

from distillgate.admin.console.pictures.scatter import scatter

HONEST = {"topic": [0.01, 0.4], "style": [0.04, 0.7]}


def point(code: str, topic: float, style: float, **more: Any) -> dict[str, Any]:
    return {
        "code": code, "id": more.get("id", code), "kind": "network",
        "principals": more.get("principals", 20),
        "linked": more.get("linked", False), "topic": topic, "topic_error": 0.002,
        "style": style, "style_error": 0.003,
    }  # fmt: skip


def found(*points: dict[str, Any], this: str | None = None) -> dict[str, Any]:
    linked = sum(one["linked"] for one in points)
    return {
        "this": this, "compared": len(points), "linked": linked, "points": list(points),
        "honest": HONEST,
    }  # fmt: skip


def draw(rho: dict[str, Any]) -> str:
    return "".join(scatter(rho))


def test_every_group_has_a_point_and_likeness_is_left_and_below() -> None:
    drawn = draw(
        found(
            point("g-1", 0.0, 0.001, linked=True),
            point("g-2", 0.1, 0.2),
            point("g-3", 0.3, 0.05),
            this="g-1",
        )
    )

    [this] = of(drawn, "this")
    x, y = float(this[1].attrib["cx"]), float(this[1].attrib["cy"])
    others = [one[1].attrib for one in of(drawn, "unlinked")]
    assert len(others) == 2
    assert all(float(one["cx"]) > x and float(one["cy"]) < y for one in others)
    [band] = of(drawn, "band")
    left, top = float(band.attrib["x"]), float(band.attrib["y"])
    right, bottom = left + float(band.attrib["width"]), top + float(band.attrib["height"])
    assert x < left
    assert all(left < float(one["cx"]) < right for one in others)
    assert all(top < float(one["cy"]) < bottom for one in others)
    assert "This one: subject 0.000 ± 0.002" in tree(drawn).attrib["aria-label"]


def test_the_one_in_question_is_drawn_last_so_that_nothing_hides_it() -> None:
    drawn = draw(found(point("g-1", 0, 0), point("g-2", 0, 0, linked=True), this="g-1"))
    kinds = [one.attrib["class"] for one in of(drawn, "point")]
    assert kinds == ["point linked", "point this"]


def test_points_far_below_zero_stay_in_the_picture() -> None:
    drawn = draw(found(point("g-1", -5.0, -5.0), this="g-1"))
    [this] = of(drawn, "this")
    assert 0 <= float(this[1].attrib["cx"]) <= 640
    assert 0 <= float(this[1].attrib["cy"]) <= 460


def test_without_any_group_the_band_alone_is_drawn() -> None:
    drawn = draw(found())
    assert of(drawn, "point") == []
    assert len(of(drawn, "band")) == 1
