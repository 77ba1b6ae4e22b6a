import numpy as np
from msgspec.structs import replace
from tests.signals.conftest import Make

from distillgate.campaign.core import Table, centre, rhythm
from distillgate.campaign.evidence import Core
from distillgate.campaign.examine import ExamineSettings
from distillgate.campaign.exchangeability import Spread
from distillgate.campaign.loads import Loads
from distillgate.signals.detectors.even_loads import EvenLoadsSettings, even_loads
from distillgate.signals.signal import Family

SETTINGS = EvenLoadsSettings()


def core(*, keyed: bool) -> Core:
    table = Table(np.full(3, 2.0), *(np.ones((3, n)) for n in (64, 16, 16, 4)))
    found = centre(table, 0.5, ExamineSettings().spreads)
    even = Spread(1.0, 0.5)
    return found if keyed else replace(found, rhythm=rhythm(table, even, even))


def weight(evidence: Make, dispersion: float, error: float = 0.1, *, keyed: bool = False) -> float:
    loads = Loads(dispersion, error, 12.0)
    found = even_loads(evidence(loads=loads, core=core(keyed=keyed)), SETTINGS)
    assert found is not None
    assert found.family is Family.LINKAGE
    assert SETTINGS.floor <= found.llr <= SETTINGS.ceiling
    return found.llr


def test_work_that_lies_as_a_balancer_lays_it_speaks_for_one_hand(evidence: Make) -> None:
    assert weight(evidence, 1.0) > 1.5


def test_people_keep_to_no_quota(evidence: Make) -> None:
    assert weight(evidence, 1.0) < weight(evidence, 0.3) <= weight(evidence, 0.0)


def test_heavy_tailed_volumes_speak_for_people(evidence: Make) -> None:
    weights = [weight(evidence, dispersion) for dispersion in (1.0, 1.5, 2.5, 4.0, 20.0)]

    assert weights == sorted(weights, reverse=True)
    assert weights[-1] < -2


def test_few_accounts_say_less(evidence: Make) -> None:
    assert weight(evidence, 1.0, error=0.5) < weight(evidence, 1.0, error=0.05)


def test_where_something_is_shared_only_unevenness_says_more(evidence: Make) -> None:
    assert weight(evidence, 1.0, keyed=True) == 0
    assert weight(evidence, 20.0, keyed=True) == weight(evidence, 20.0) < -2


def test_of_a_group_that_is_of_one_piece_evenness_is_not_asked(evidence: Make) -> None:
    assert even_loads(evidence(loads=None), SETTINGS) is None
