"""Knobs that are tried: who would be restricted more or less, and that nothing changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pytest

from distillgate.campaign.jobs import complete
from distillgate.oversight.what_if import KNOBS, Outlook, current, turned, what_if
from distillgate.policy.decision import Action

if TYPE_CHECKING:
    from tests.engine.conftest import World


def outlook(world: World, now: float, **values: float) -> Outlook:
    engine = world.engine
    tried = turned(engine.settings, {**current(engine.settings), **values})
    return complete(what_if(engine, tried, now))


def names(found: Outlook) -> set[str]:
    return {one.account.name for one in found.changed}


def test_knobs_as_they_are_change_nothing(dealt: World) -> None:
    found = outlook(dealt, dealt.now)
    assert found.changed == []
    assert found.restricted_before == found.restricted_after
    assert found.of == 20


def test_a_smaller_budget_restricts_the_hand_and_nobody_else_and_a_larger_one_lets_go(
    dealt: World,
) -> None:
    hand = {f"c-{number}" for number in range(16)}
    small = outlook(dealt, dealt.now, value_tokens=10_000)
    large = outlook(dealt, dealt.now, value_tokens=1_000_000)

    assert small.restricted_after >= large.restricted_after
    assert small.restricted_after > 0
    assert names(small) | names(large) <= hand
    assert all(one.after.restricts for one in small.changed if one.after > one.before)


def test_with_rungs_out_of_reach_nobody_is_restricted(dealt: World) -> None:
    found = outlook(dealt, dealt.now, value_tokens=10_000, throttle=12, degrade=16, refuse=20)
    assert found.restricted_after == 0
    assert all(one.after < Action.THROTTLE for one in found.changed)


def test_nothing_is_changed_by_asking(dealt: World) -> None:
    state = dealt.engine.state
    before = [bytes(piece) for part in state.parts().values() for piece in part.dump()]
    links = {group.key: group.link for group in state.groups}
    signals = {key: list(actor.signals) for key, actor in state.actors.items()}

    outlook(dealt, dealt.now, value_tokens=10_000, throttle=0.5, observe=0.25)

    assert [bytes(piece) for part in state.parts().values() for piece in part.dump()] == before
    assert {group.key: group.link for group in state.groups} == links
    assert {key: list(actor.signals) for key, actor in state.actors.items()} == signals


@pytest.mark.parametrize("values", [{"throttle": 7.0}, {"observe": 3.0}, {"refuse": 1.0}])
def test_rungs_that_do_not_rise_cannot_be_meant(dealt: World, values: Mapping[str, float]) -> None:
    with pytest.raises(ValueError, match="rise"):
        turned(dealt.engine.settings, {**current(dealt.engine.settings), **values})


def test_every_knob_is_a_setting_within_its_bounds(dealt: World) -> None:
    held = current(dealt.engine.settings)
    assert held.keys() == KNOBS.keys()
    for name, knob in KNOBS.items():
        found: object = dealt.engine.settings
        for part in knob.path.split("."):
            found = getattr(found, part)
        assert found == held[name]
        assert knob.least <= held[name] <= knob.most
