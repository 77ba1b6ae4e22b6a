import pytest
from hypothesis import given
from hypothesis import strategies as st

from distillgate.policy.ladder import LadderSettings
from distillgate.risk.fuse import NO_RISK, RiskSettings, fuse, link
from distillgate.signals.signal import Family, Signal

SETTINGS = RiskSettings()
SIGNALS = st.lists(
    st.builds(
        Signal,
        name=st.sampled_from(["a", "b", "c"]),
        family=st.sampled_from(Family),
        llr=st.floats(-50, 50),
        text=st.just("why"),
    ),
    max_size=12,
)


def signal(family: Family, llr: float) -> Signal:
    return Signal("s", family, llr, "why")


@given(SIGNALS)
def test_contributions_sum_to_the_families_and_these_to_the_risk(signals: list[Signal]) -> None:
    risk = fuse(signals, SETTINGS)

    assert risk.total == pytest.approx(sum(risk.families.values()), abs=1e-9)
    assert risk.total == pytest.approx(sum(s.llr for s in risk.signals), abs=1e-6)
    for family, total in risk.families.items():
        own = sum(s.llr for s in risk.signals if s.family.value == family)
        assert own == pytest.approx(total, abs=1e-6)
    assert len(risk.signals) == len(signals)


@given(SIGNALS)
def test_no_family_goes_past_its_cap(signals: list[Signal]) -> None:
    risk = fuse(signals, SETTINGS)

    assert all(llr <= SETTINGS.caps[family] for family, llr in risk.families.items())
    assert risk.total <= sum(SETTINGS.caps.values())


@given(SIGNALS, st.randoms(use_true_random=False))
def test_the_order_of_signals_does_not_matter(signals: list[Signal], random: object) -> None:
    other = list(signals)
    random.shuffle(other)  # type: ignore[attr-defined]  # Hypothesis gives a random.Random

    assert fuse(other, SETTINGS).total == pytest.approx(fuse(signals, SETTINGS).total, abs=1e-9)


@given(SIGNALS, st.sampled_from(Family), st.floats(0, 50))
def test_more_evidence_is_never_less_risk(
    signals: list[Signal], family: Family, llr: float
) -> None:
    before = fuse(signals, SETTINGS).total

    assert fuse([*signals, signal(family, llr)], SETTINGS).total >= before - 1e-9


def test_no_evidence_is_no_risk() -> None:
    assert fuse([], SETTINGS) == NO_RISK


def test_a_strong_signal_does_not_drown_among_silent_ones() -> None:
    strong = signal(Family.SURFACE, 5.0)
    silent = [signal(Family.CONTENT, 0.0)] * 20

    assert fuse([strong, *silent], SETTINGS).total == 5.0


def test_signals_that_speak_for_the_customer_are_not_capped() -> None:
    assert fuse([signal(Family.HARVEST, -30.0)], SETTINGS).total == -30.0


def test_every_family_has_a_cap() -> None:
    assert set(SETTINGS.caps) == set(Family)


@given(st.floats(-6, -0.01), st.floats(0, 20), st.floats(0, 1), st.floats(0, 1))
def test_one_operator_within_its_budget_restricts_nobody(
    budget: float, linked: float, content: float, conduct: float
) -> None:
    found = [
        signal(Family.LINKAGE, linked),
        signal(Family.HARVEST, budget),
        signal(Family.CONTENT, content),
        signal(Family.CONDUCT, conduct),
    ]

    risk = fuse(found, SETTINGS)

    assert risk.total < LadderSettings().throttle
    assert link(found, SETTINGS) == pytest.approx(min(linked, SETTINGS.caps["linkage"]))


@given(st.floats(0, 20), st.lists(st.floats(-6, 3), min_size=2, max_size=2))
def test_more_of_the_budget_used_is_never_less_risk(linked: float, used: list[float]) -> None:
    less, more = sorted(used)
    risks = [
        fuse([signal(Family.LINKAGE, linked), signal(Family.HARVEST, llr)], SETTINGS).total
        for llr in (less, more)
    ]

    assert risks[0] <= risks[1] + 1e-9
