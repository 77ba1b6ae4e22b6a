"""Every detector fires where it should, and leaves its honest twin alone."""

import re
from importlib import import_module
from pkgutil import iter_modules

import pytest
from tests.signals import golden
from tests.signals.golden.scenario import Scenario, play

from distillgate.engine.queries import Queries
from distillgate.signals.registry import ACCOUNT, GROUP

SCENARIOS: list[Scenario] = [
    scenario
    for file in iter_modules(golden.__path__, f"{golden.__name__}.")
    if not file.name.endswith(".test_golden")
    for scenario in getattr(import_module(file.name), "SCENARIOS", ())
]
"""What the files beside this one list."""
EACH = pytest.mark.parametrize("scenario", SCENARIOS, ids=str)


@EACH
def test_it_fires_and_says_why(scenario: Scenario) -> None:
    _, judged = play(scenario.traffic, scenario.settings, scenario.reported)

    fired = [
        number
        for number, (_, decision) in enumerate(judged, 1)
        for reason in decision.reasons
        if scenario.is_said_by(reason) and re.search(scenario.says, reason.text)
    ]
    assert fired
    assert fired[0] <= (scenario.within or len(judged))
    assert any(decision.action.restricts for _, decision in judged) == scenario.restricts


@EACH
def test_its_honest_twin_stays_unrestricted(scenario: Scenario) -> None:
    _, judged = play(scenario.twin, scenario.settings, scenario.reported)

    assert len(judged) > 20
    assert [decision for _, decision in judged if decision.action.restricts] == []
    shown = any(scenario.is_said_by(r) for _, found in judged for r in found.reasons)
    assert shown == scenario.twin_shows


@EACH
def test_its_explanation_adds_up_and_says_what_would_clear_it(scenario: Scenario) -> None:
    engine, judged = play(scenario.traffic, scenario.settings, scenario.reported)
    last = judged[-1].sent
    (*_, account) = (
        decision.account
        for _, decision in judged
        if any(scenario.is_said_by(reason) for reason in decision.reasons)
    )

    found = Queries(engine).account(account, last.at + 1.0)

    assert found is not None
    assert sum(part.llr for part in found.contributions) == pytest.approx(found.risk)
    [part] = [part for part in found.contributions if part.signal == scenario.signal]
    assert part.honest_explanation
    assert part.cleared_by
    if part.since is not None and part.until is not None:
        assert judged[0].sent.at <= part.since <= part.until <= last.at + 1.0


def test_every_detector_has_its_scenario() -> None:
    shown = {scenario.signal for scenario in SCENARIOS}
    assert {detector.name for detector in ACCOUNT} <= shown
    assert [found.name for found in GROUP if not shown & set(found.signals)] == []
