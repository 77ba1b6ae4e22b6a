import numpy as np
from tests.signals.conftest import Make, case

from distillgate.campaign.dispersion import Loads
from distillgate.campaign.hand import Hand, OneHand
from distillgate.signals.detectors.even_loads import even_loads
from distillgate.signals.evenness import LOADS
from distillgate.signals.signal import Family

HAND = Hand(np.zeros(2), np.ones(2))
ALONE = OneHand(HAND, nats=60.0, asked=40.0, accounts=40, share=0.3, recurrence=1.0)


def weight(
    evidence: Make, dispersion: float, error: float = 0.1, one_hand: OneHand | None = ALONE
) -> float:
    loads = Loads(dispersion, error, 12.0)
    (found,) = even_loads(case(evidence(loads=loads, one_hand=one_hand)))
    assert found.family is Family.LINKAGE
    assert LOADS.floor <= found.llr <= LOADS.ceiling
    return found.llr


def test_work_that_lies_as_a_balancer_lays_it_speaks_for_one_hand(evidence: Make) -> None:
    assert weight(evidence, 1.0) > 1.5


def test_people_keep_to_no_quota(evidence: Make) -> None:
    assert weight(evidence, 1.0) < weight(evidence, 0.3) <= weight(evidence, 0.0)


def test_heavy_tailed_volumes_speak_for_people_where_something_is_shared(evidence: Make) -> None:
    shared = [weight(evidence, given, one_hand=None) for given in (1.0, 1.5, 2.5, 4.0, 20.0)]

    assert shared == sorted(shared, reverse=True)
    assert shared[0] == 0
    assert shared[-1] < -2


def test_where_texts_convict_by_themselves_loads_only_add(evidence: Make) -> None:
    assert weight(evidence, 20.0) == 0


def test_few_accounts_say_less(evidence: Make) -> None:
    assert weight(evidence, 1.0, error=0.5) < weight(evidence, 1.0, error=0.05)


def test_of_a_group_that_is_of_one_piece_evenness_is_not_asked(evidence: Make) -> None:
    assert even_loads(case(evidence(loads=None))) == []
