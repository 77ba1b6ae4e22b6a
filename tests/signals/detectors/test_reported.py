from collections.abc import Callable
from typing import Any

from tests.signals.conftest import case

from distillgate.campaign.evidence import Evidence, Reported
from distillgate.campaign.exchangeability import Intraclass
from distillgate.campaign.hand import REPORTED_SURE, SURE, HeldOut
from distillgate.campaign.keys import Kind
from distillgate.risk.fuse import RiskSettings, fuse, link
from distillgate.signals.detectors.one_hand import one_hand
from distillgate.signals.detectors.reported import reported
from distillgate.signals.detectors.shared_key import shared_key
from distillgate.signals.group_detector import Basis
from distillgate.signals.signal import Family, Signal

Make = Callable[..., Evidence]
TOLD = Reported("indicator--1", "a lab", 0.9, 100.0)
ALIKE = Intraclass(0.0, 0.01, 40, 200)


def asked(evidence: Make, nats: float, asked: float, told: Reported | None = TOLD) -> list[Signal]:
    found: dict[str, Any] = {"held_out": HeldOut(nats, 20, asked), "topic": ALIKE, "principals": 40}
    made = case(evidence(reported=told, **found), Kind.SYSTEM)
    if made.basis is not Basis.DRAWN:
        return shared_key(made)
    return [signal for one in (shared_key, one_hand, reported) for signal in one(made)]


def test_it_takes_back_what_sharing_says_and_no_more(evidence: Make) -> None:
    signals = asked(evidence, REPORTED_SURE, REPORTED_SURE)

    assert link(signals, RiskSettings()) >= RiskSettings.linked
    shared, hand, told = (signal.llr for signal in signals)
    assert shared + told <= 0.0 < hand
    assert "90% of its exchanges are made from a template that a lab told of" in signals[-1].text


def test_without_evidence_of_ones_own_it_says_nothing(evidence: Make) -> None:
    for nats in (REPORTED_SURE - 0.1, -4.0):
        assert [s.name for s in asked(evidence, nats, REPORTED_SURE)] == ["shared_key"]
    assert "reported" not in {s.name for s in asked(evidence, SURE, SURE)}, "enough by itself"
    assert "reported" not in {s.name for s in asked(evidence, SURE, SURE, None)}


def test_it_counts_no_further_than_the_budget_is_used_up() -> None:
    def risk(used: float) -> float:
        families = {Family.INTELLIGENCE: 4.5, Family.LINKAGE: 5.0, Family.HARVEST: used}
        return fuse(
            [Signal(str(f), f, llr, "") for f, llr in families.items()], RiskSettings()
        ).total

    assert risk(-3.0) <= 0.0
    assert risk(0.5) > RiskSettings.linked
