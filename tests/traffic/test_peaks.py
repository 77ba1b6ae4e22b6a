from distillgate.policy.decision import EXEMPT, Decision, Reason
from distillgate.traffic.peaks import Peaks


def decision(risk: float, *, account: str = "a", **llrs: float) -> Decision:
    reasons = tuple(Reason(name, "harvest", llr, "why") for name, llr in llrs.items())
    return Decision(account=account, risk=risk, reasons=reasons)


def test_the_highest_of_each_signal_and_of_the_whole_are_kept() -> None:
    peaks = Peaks()
    peaks.add(decision(1.0, pace=1.0), "pro/rare")
    peaks.add(decision(3.0, pace=0.5, variants=2.5), "pro/light")
    peaks.add(decision(2.0, pace=2.0), "pro/steady")

    (peak,) = peaks.all()
    assert (peak.risk, peak.kind) == (3.0, "pro/light")
    assert peak.signals == {"pace": 2.0, "variants": 2.5}
    assert peaks.highest["a"].risk == 3.0


def test_an_account_without_evidence_has_a_peak_of_nothing() -> None:
    peaks = Peaks()
    peaks.add(decision(0.0), "free/rare")
    peaks.add(decision(0.0, account="b"), "free/rare")

    assert [(p.name, p.kind, p.risk, p.signals) for p in peaks.all()] == [
        ("a", "free/rare", 0.0, {}),
        ("b", "free/rare", 0.0, {}),
    ]
    assert len(peaks) == 2
    assert peaks.highest == {}


def test_an_account_that_only_ever_had_evidence_for_it_has_a_class_too() -> None:
    peaks = Peaks()
    peaks.add(Decision("a", risk=-1.5), "default/rare")

    assert [(peak.kind, peak.risk) for peak in peaks.all()] == [("default/rare", 0.0)]


def test_a_group_and_an_exemption_are_kept_once_they_were_met() -> None:
    peaks = Peaks()
    peaks.add(Decision("a", risk=1.0, group="g-1"), "pro/rare")
    peaks.add(Decision("a", risk=3.0), "pro/rare")
    peaks.add(Decision("b", risk=3.0, code=EXEMPT), "pro/rare")
    peaks.add(Decision("b", risk=0.0), "pro/rare")
    peaks.add(Decision("c", risk=3.0), "pro/rare")

    assert [(p.group, p.exempt, p.fitted) for p in peaks.all()] == [
        ("g-1", False, False),
        (None, True, False),
        (None, False, True),
    ]
