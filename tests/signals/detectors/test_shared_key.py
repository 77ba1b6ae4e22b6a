import pytest
from tests.signals.conftest import Make, case

from distillgate.account.windows import DAY
from distillgate.campaign.keys import Kind
from distillgate.signals.detectors.shared_key import shared_key
from distillgate.signals.signal import Family


@pytest.mark.parametrize("kind", list(Kind))
def test_sharing_alone_speaks_for_the_customers(evidence: Make, kind: Kind) -> None:
    (found,) = shared_key(case(evidence(principals=60), kind))

    assert found.family is Family.LINKAGE
    assert found.llr < 0
    assert "60" in found.text
    assert kind.value in found.text


def test_what_is_shared_for_long_is_more_likely_public(evidence: Make) -> None:
    (young,) = shared_key(case(evidence(principals=60), Kind.SYSTEM, 5 * DAY))
    (old,) = shared_key(case(evidence(principals=60), Kind.SYSTEM, 100 * DAY))

    assert old.llr < young.llr


def test_what_everybody_shares_says_less(evidence: Make) -> None:
    (rare,) = shared_key(case(evidence(principals=40, population=10_000), Kind.SHAPE, 0.0))
    (common,) = shared_key(case(evidence(principals=4000, population=10_000), Kind.SHAPE, 0.0))

    assert common.llr < rare.llr


@pytest.mark.parametrize(("kind", "ties"), [
    (Kind.CLIENT, False),
    (Kind.SHAPE, False),
    (Kind.COHORT, False),
    (Kind.NETWORK, False),
    (Kind.SYSTEM, True),
    (Kind.PAYMENT, True),
])  # fmt: skip
def test_a_client_or_a_network_ties_nobody_whom_people_talk_through(
    evidence: Make, kind: Kind, ties: bool
) -> None:
    (silent,) = shared_key(case(evidence(principals=60, follows=0.0), kind))
    (talking,) = shared_key(case(evidence(principals=60, follows=0.3), kind))

    assert (talking.llr == silent.llr) == ties
    assert ties or talking.llr < -11.5, "all that likeness says"
