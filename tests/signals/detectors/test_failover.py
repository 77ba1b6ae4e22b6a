from tests.signals.conftest import used

from distillgate.account.conduct import Trait
from distillgate.signals.detectors.failover import failover


def test_it_weighs_a_share_up_to_its_ceiling_and_says_it() -> None:
    found = failover(used(Trait.FAILOVER, 9, 10), 0.0)

    assert found is not None
    assert 0.0 < found.llr <= 0.5
    assert "9 of 10 refused requests" in found.text


def test_a_retry_from_the_same_place_says_nothing() -> None:
    assert failover(used(Trait.FAILOVER, 0, 30), 0.0) is None


def test_little_says_nothing() -> None:
    assert failover(used(Trait.FAILOVER, 5, 5), 0.0) is None
