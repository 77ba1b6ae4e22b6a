"""A letter says what is done, by whom, until when and what helps, and never on what evidence."""

from __future__ import annotations

import re

import pytest
from tests.engine.conftest import Start, World

from distillgate.engine.engine import EngineSettings
from distillgate.oversight.accounts import account_document
from distillgate.oversight.orders import Asked, Deed, give

DAY = 86_400.0


def letter(world: World, name: str, mode: str = "enforce") -> str:
    found = account_document(world.engine, name, mode, world.now)
    assert found is not None
    text = found["letter"]
    assert isinstance(text, str)
    return text


def ordered(start: Start, deed: Deed, action: str = "throttle") -> World:
    world = start(enforce=True)
    world.send("a", "hello")
    asked = Asked(deed=deed, by="ann", reason="r", until=world.now + 9 * DAY, action=action)
    give(world.engine, "a", asked, world.now)
    return world


def test_who_is_held_back_by_evidence_reads_the_end_and_the_way_out_and_no_evidence(
    dealt: World,
) -> None:
    text = letter(dealt, "c-3")

    assert text.startswith("About your account c-3\n\n")
    assert "Some parts of its answers are left out" in text
    assert "This was decided automatically" in text
    assert re.search(r"ends by itself, on \d\d \w+ 2027, \d\d:\d\d UTC at the earliest", text)
    assert "declared count as one customer" in text
    told = text.lower()
    found = account_document(dealt.engine, "c-3", "enforce", dealt.now)
    assert found is not None
    words = {"nats", "risk", "evidence", "campaign", "group", "suspic", "template", "distil"}
    words |= {one["signal"].replace("_", " ") for one in found["contributions"]}
    assert len(words) > 8
    assert [word for word in words if word in told] == []


@pytest.mark.parametrize(("action", "says"), [("throttle", "429"), ("refuse", "403")])
def test_what_a_person_ordered_is_a_persons(start: Start, action: str, says: str) -> None:
    text = letter(ordered(start, "restrict", action), "a")

    assert f"answered with {says}" in text
    assert "A person decided this." in text
    assert "automatically" not in text
    assert "ann" not in text


def test_in_shadow_and_after_a_pardon_nothing_holds(dealt: World, start: Start) -> None:
    shadow = letter(dealt, "c-3", "shadow")
    assert "Nothing but the limits of its plan holds for it." in shadow
    pardoned = letter(ordered(start, "pardon"), "a")
    assert re.search(r"holds for it, until \d\d \w+ 20\d\d.* A person has looked at it.", pardoned)


def test_a_restriction_that_no_calendar_ends_is_told_without_an_end(start: Start) -> None:
    ladder = {"hold_hours": 1e9, "observe": -20, "throttle": -10}
    held = {"policy": {"ladder": ladder, "enforcement": {"onset_exchanges": 0}}}
    world = start(settings=EngineSettings.model_validate(held), enforce=True)
    world.send("a", "hello")
    world.send("a", "hello")

    text = letter(world, "a")

    assert "This was decided automatically" in text
    assert "by itself" not in text
