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
