"""The page *What if* over real sockets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distillgate.admin.console.what_if import _interval, _reaching
from distillgate.oversight.what_if import KNOBS

if TYPE_CHECKING:
    from tests.admin.console.conftest import Browser
    from tests.conftest import Worked


def test_a_knob_is_tried_named_and_told_as_configuration_and_nothing_holds(
    signed_in: Browser, worked: Worked
) -> None:
    held = worked.engine.settings
    page = signed_in.page("/accounts/c-1")
    signed_in.send(page, "/accounts/c-1/label", says="honest", reason="")
    still = signed_in.get("/json/what-if").json()
    assert (still["more"]["accounts"], still["less"]["accounts"], still["yaml"]) == (0, 0, "")
    assert still["honest"]["labelled"] == 1

    tried = signed_in.page("/what-if?value_tokens=10000&throttle=1.5")
    document = signed_in.get("/json/what-if?value_tokens=10000&throttle=1.5").json()

    assert document["restricted_after"] > 0
    assert document["more"]["accounts"] + document["less"]["accounts"] > 0
    assert document["yaml"].splitlines() == [
        "policy: {ladder: {throttle: 1.5}}", "signals: {work_list: {value_tokens: 10000}}",
    ]  # fmt: skip
    assert "Nothing here applies it" in tried.text
    [shown] = [one for one in tried.figures if one[1] == "/restricted_after"]
    assert int(shown[2]) == document["restricted_after"]
    assert "value_tokens=10000" in shown[0]
    assert worked.engine.settings is held
    wrong = signed_in.page("/what-if?throttle=9")
    assert "let the rungs rise" in wrong.text
    for query in ("throttle=x", "throttle=nan", "throttle=99", "value_tokens=-1"):
        assert signed_in.get(f"/what-if?{query}").status_code == 422


def test_an_interval_holds_its_share_and_narrows_with_more() -> None:
    few, many = _interval(1, 10), _interval(100, 1000)
    assert few[0] < 0.1 < few[1]
    assert few[0] < many[0] < 0.1 < many[1] < few[1]
    assert _interval(0, 5)[0] == 0.0
    assert _interval(5, 5)[1] == 1.0


def test_a_knob_reaches_what_holds_or_a_browser_would_turn_it() -> None:
    knob = KNOBS["value_tokens"]
    for held in (knob.least / 2, knob.least, knob.most * 2):
        found = _reaching(knob, held)
        assert found.least <= held <= found.most
    assert _reaching(knob, knob.least) == knob
