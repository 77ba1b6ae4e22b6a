from collections.abc import Iterator

import numpy as np
from tests.signals.conftest import Make, case

from distillgate.campaign.dispersion import Loads
from distillgate.campaign.exchangeability import Intraclass
from distillgate.campaign.hand import Hand, HeldOut, OneHand
from distillgate.campaign.keys import Kind
from distillgate.signals.detector import Finding
from distillgate.signals.group_detector import Basis, Case, Turn, basis, group_detector
from distillgate.signals.signal import Doubt, Family

ALONE = OneHand(Hand(np.zeros(2), np.ones(2)), 60.0, 40.0, accounts=40, share=0.3, recurrence=1.0)


@group_detector(
    Family.CONTENT, "whether it is one of two", Doubt("a", "b"), turn=Turn.TAKEN, signals=("x", "y")
)
def twofold(case: Case) -> Iterator[Finding]:
    """Find both, of groups of at least two accounts."""
    if case.evidence.principals > 1:
        yield Finding(0.1, "one", name="x")
        yield Finding(0.2, "two", name="y")


def test_a_detector_may_have_several_signals_as_old_as_the_group(evidence: Make) -> None:
    found = twofold(case(evidence(principals=2, examined_at=500.0), age=400.0))

    assert [(one.name, one.llr, one.since, one.until) for one in found] == [
        ("x", 0.1, 100.0, 500.0),
        ("y", 0.2, 100.0, 500.0),
    ]
    assert twofold(case(evidence(principals=1))) == []


def test_what_can_be_compared_is_what_is_asked_about(evidence: Make) -> None:
    alike, payloads = Intraclass(0.0, 0.005, 60, 600), Loads(1.0, 0.1, 20.0)
    pictures = evidence(principals=60, unread=1.0, repeats=0.0, senders=payloads)

    assert basis(Kind.LINKS, evidence()) is Basis.MEETINGS
    assert basis(Kind.HAND, evidence(one_hand=ALONE, topic=alike)) is Basis.ALONE
    assert basis(Kind.SYSTEM, evidence(topic=alike)) is Basis.TEXTS
    assert basis(Kind.SYSTEM, evidence(topic=alike, held_out=HeldOut(13.0, 60))) is Basis.TEXTS
    assert basis(Kind.SYSTEM, evidence(topic=alike, held_out=HeldOut(20.0, 60))) is Basis.DRAWN
    peopled = evidence(topic=alike, held_out=HeldOut(-8.0, 60), follows=0.4)
    assert basis(Kind.SYSTEM, peopled) is Basis.DRAWN
    few = evidence(topic=alike, follows=0.4, principals=17)  # front-ends, judged by no draws
    assert basis(Kind.SYSTEM, few) is None
    assert basis(Kind.SYSTEM, evidence(topic=alike, follows=0.4, principals=60)) is Basis.TEXTS
    assert basis(Kind.SYSTEM, pictures) is Basis.PAYLOADS
    assert basis(Kind.NETWORK, pictures) is None
    assert basis(Kind.SYSTEM, evidence()) is None
