"""The graph of ties: hubs, members, and strays that say why they are none."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("markupsafe")

from tests.admin.console.pictures.drawn import of, shapes, texts, tree

from distillgate.admin.console.pictures.graph import graph


def hub(kind: str, shared: int, *, linked: bool = False) -> dict[str, Any]:
    return {"code": "g-1", "id": "g-1", "kind": kind, "shared_by": shared, "linked": linked}


FOUND = {
    "hubs": [hub("prompt template", 3, linked=True), hub("network", 2)],
    "accounts": [{"account": f"a{n}", "hubs": [0, 1] if n else [0]} for n in range(3)],
    "strays": [{"account": "s<", "hubs": [0], "why": "its texts are unlike"}],
    "of_accounts": 3,
    "of_strays": 1,
}


def test_every_tie_is_a_line_and_every_account_a_dot() -> None:
    drawn = graph(FOUND)

    assert len(of(drawn, "member")) == 3
    assert shapes(drawn, "tie") == 3 + 2 + 1
    assert len(of(drawn, "hub")) == 2
    assert {"prompt template", "network", "3", "2"} <= set(texts(drawn))
    [dot] = [one for one in of(drawn, "stray") if one.tag.endswith("circle")]
    assert dot[0].text == "s<: its texts are unlike"
    assert "prompt template (3)" in tree(drawn).attrib["aria-label"]


def test_nothing_in_common_is_drawn_as_dots_alone() -> None:
    drawn = graph({**FOUND, "hubs": [], "accounts": [{"account": "a", "hubs": []}], "strays": []})
    assert of(drawn, "tie") == []
    assert "no members" not in texts(drawn)
