"""Policies that cannot be meant: one mistake each, at its place, and no finding without one."""

from typing import Any

import pytest

from distillgate.config.review.policy import review
from distillgate.config.schema import Config
from distillgate.priors import edition

NOW = 1.8e9
SOUND: dict[str, Any] = {
    "key": "a long enough secret",
    "actions": {"contact": "help@example.com"},
    "governance": {"audit": {"path": "audit.jsonl"}},
}


def found(**changes: Any) -> dict[str, bool]:
    config = Config.model_validate({**SOUND, **changes}, strict=False)
    return {".".join(map(str, one.path)): one.fatal for one in review(config, NOW)}


def test_the_defaults_and_a_sound_enforce_mode_have_no_finding() -> None:
    assert found() == {}
    assert found(mode="enforce") == {}


@pytest.mark.parametrize(
    ("ladder", "at"),
    [
        ({"throttle": 8, "refuse": 2}, {"policy.ladder.degrade", "policy.ladder.refuse"}),
        ({"observe": 2.0}, {"policy.ladder.throttle"}),
        ({"degrade": 10.0}, {"policy.ladder.refuse"}),
        ({"challenge": 12.0}, {"policy.ladder.refuse", "policy.ladder.challenge"}),
    ],
)
def test_rungs_go_up(ladder: dict[str, float], at: set[str]) -> None:
    assert found(policy={"ladder": ladder}) == dict.fromkeys(at, True)


@pytest.mark.parametrize(
    ("challenge", "link", "at"),
    [
        (8.0, "", {"policy.ladder.challenge": True}),
        (8.0, "https://a.example/{reference}", {}),
        (8.0, "https://a.example/", {"actions.challenge.link": False}),
        (8.0, "http://a.example/{reference}", {"actions.challenge.link": False}),
        (None, "https://a.example/{reference}", {"actions.challenge.link": False}),
    ],
)
def test_a_challenge_has_a_link_and_a_link_a_challenge(
    challenge: float | None, link: str, at: dict[str, bool]
) -> None:
    actions = {"contact": "help@example.com", "challenge": {"link": link}}
    assert found(policy={"ladder": {"challenge": challenge}}, actions=actions) == at


@pytest.mark.parametrize(
    ("exemption", "at"),
    [
        ({}, {"": True}),
        ({"account": "*", "organisation": "*"}, {"": True}),
        ({"account": "a"}, {}),
        ({"account": "a", "expires": NOW - 1}, {".expires": False}),
        ({"account": "a", "expires": NOW + 1}, {}),
        ({"plan": "reserch"}, {".plan": False}),
        ({"plan": "res*"}, {}),
        ({"account": "a", "reason": " "}, {".reason": True}),
    ],
)
def test_an_exemption_exempts_somebody_and_not_everybody(
    exemption: dict[str, Any], at: dict[str, bool]
) -> None:
    plans: dict[str, Any] = {"named": {"research": {}}}
    given = {"exemptions": [{"reason": "why", **exemption}], "plans": plans}

    assert found(policy=given) == {f"policy.exemptions.0{one}": fatal for one, fatal in at.items()}


@pytest.mark.parametrize(
    ("changes", "at"),
    [
        ({"policy": {"enforcement": {"rollout": 0.0}}}, "policy.enforcement.rollout"),
        ({"policy": {"enforcement": {"hold_out": 1.0}}}, "policy.enforcement.hold_out"),
        ({"policy": {"plans": {"default": {"exempt": True}}}}, "policy.plans.default.exempt"),
        ({"actions": {}}, "actions.contact"),
        ({"key": None}, "key"),
        ({"governance": {}}, "governance.audit.path"),
    ],
)
def test_an_enforce_mode_that_enforces_little_is_warned_of(
    changes: dict[str, Any], at: str
) -> None:
    assert found(mode="enforce", **changes) == {at: False}
    assert found(mode="shadow", **changes) == {}


@pytest.mark.parametrize(
    ("actions", "at"),
    [
        ({"bands": [{"measures": ["route"]}]}, {"actions.route.models": True}),
        ({"route": {"models": {"a": "b"}}}, {"actions.route.models": False}),
        (
            {"bands": [{"measures": ["route"]}], "route": {"models": {"a": "a"}}},
            {"actions.route.models.a": True},
        ),
        ({"bands": []}, {"actions.bands": False}),
        (
            {"bands": [{"measures": ["pace"]}, {"measures": ["parameters"]}]},
            {"actions.bands.0": False},
        ),
    ],
)
def test_measures_have_what_they_need(actions: dict[str, Any], at: dict[str, bool]) -> None:
    assert found(actions={"contact": "help@example.com", **actions}) == at


def test_of_two_plans_the_stronger_counts() -> None:
    plans = {"named": {"x": {"exempt": True, "verified": True}}}
    assert found(policy={"plans": plans}) == {"policy.plans.named.x.verified": False}


@pytest.mark.parametrize(("fitted_on", "told"), [("2020-01", True), (edition(), False)])
def test_a_calibration_of_other_weights_is_told(fitted_on: str, told: bool) -> None:
    at = {"risk.calibration": False} if told else {}

    assert found(risk={"calibration": {"edition": fitted_on}}) == at
