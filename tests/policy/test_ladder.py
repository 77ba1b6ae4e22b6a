from hypothesis import given
from hypothesis import strategies as st

from distillgate.policy.decision import Action
from distillgate.policy.ladder import LadderSettings, rung
from distillgate.risk.fuse import NO_RISK, Risk

LADDER = LadderSettings()
FAMILIES = st.dictionaries(
    st.sampled_from(["linkage", "harvest", "content", "surface"]), st.floats(-20, 20), max_size=4
)


def risk(families: dict[str, float]) -> Risk:
    return Risk(sum(families.values()), families, ())


@given(FAMILIES, st.sampled_from(["linkage", "harvest", "content", "surface"]), st.floats(0, 20))
def test_more_risk_is_never_a_milder_action(
    families: dict[str, float], family: str, more: float
) -> None:
    harder = families | {family: families.get(family, 0.0) + more}

    assert rung(risk(harder), LADDER) >= rung(risk(families), LADDER)


@given(st.floats(-100, 100), st.floats(-20, 0.99))
def test_one_family_alone_is_never_treated_hard(strong: float, weak: float) -> None:
    assert rung(risk({"linkage": strong, "harvest": weak}), LADDER) <= Action.THROTTLE
    assert rung(risk({"linkage": strong}), LADDER) <= Action.THROTTLE


@given(st.floats(-100, 1.99))
def test_below_the_throttle_nobody_feels_anything(total: float) -> None:
    assert not rung(Risk(total, {"linkage": total}, ()), LADDER).restricts


def test_every_rung_has_its_place() -> None:
    found = [
        rung(risk({"linkage": half, "harvest": half}), LADDER) for half in (0.0, 0.3, 1.2, 3.1, 5.5)
    ]

    assert found == [Action.ALLOW, Action.OBSERVE, Action.THROTTLE, Action.DEGRADE, Action.REFUSE]


def test_no_risk_is_allowed() -> None:
    assert rung(NO_RISK, LADDER) is Action.ALLOW


def test_a_challenge_is_a_rung_only_where_it_is_wanted() -> None:
    wanted = LadderSettings(challenge=8.0)

    assert rung(risk({"linkage": 4.5, "harvest": 4.5}), LadderSettings()) is Action.DEGRADE
    assert rung(risk({"linkage": 4.5, "harvest": 4.5}), wanted) is Action.CHALLENGE
    assert rung(risk({"linkage": 3.5, "harvest": 3.5}), wanted) is Action.DEGRADE
    assert rung(risk({"linkage": 5.5, "harvest": 5.5}), wanted) is Action.REFUSE
