import numpy as np
from tests.signals.conftest import Make, case

from distillgate.campaign.core import Table, centre
from distillgate.campaign.evidence import Evidence
from distillgate.campaign.examine import ExamineSettings
from distillgate.campaign.exchangeability import Intraclass
from distillgate.signals.detectors.exchangeability import exchangeability
from distillgate.signals.signal import Family

EXAMINE = ExamineSettings()


def rho(value: float) -> Intraclass:
    return Intraclass(value, 0.005, 60, 600)


def weighed(evidence: Evidence) -> dict[str, float]:
    found = exchangeability(case(evidence))
    assert all(signal.family is Family.LINKAGE for signal in found)
    return {signal.name: signal.llr for signal in found}


def test_accounts_that_one_balancer_could_feed_are_linked(evidence: Make) -> None:
    found = weighed(evidence(topic=rho(0.0), style=rho(0.0)))

    assert found["one_subject"] > 1
    assert found["one_manner"] > 1


def test_people_differ_in_subject_and_manner(evidence: Make) -> None:
    found = weighed(evidence(topic=rho(0.06), style=rho(0.2)))

    assert found["one_subject"] < -1
    assert found["one_manner"] < -1


def test_a_list_sorted_by_subject_is_still_one_hands(evidence: Make) -> None:
    sharded = weighed(evidence(topic=rho(0.3), style=rho(0.0)))
    people = weighed(evidence(topic=rho(0.3), style=rho(0.3)))

    assert sum(sharded.values()) > 0
    assert sum(people.values()) < -5


def test_accounts_whose_texts_are_others_too_are_not_alike_by_their_own(evidence: Make) -> None:
    def link(common: float, dealt: float = 0.0) -> float:
        shown = evidence(topic=rho(0.0), style=rho(0.0), common=common, dealt=dealt)
        return sum(weighed(shown).values())

    alone = link(0.0)
    assert link(0.97) == link(0.9) == 0, "customers of a set, monitors of one pool"
    assert 0 < link(0.75) < alone
    assert link(0.57) == alone, "each of many prompts sampled several times"
    assert link(1.0, dealt=30.0) == alone, "copies that somebody dealt"


def test_a_core_that_was_looked_for_costs_something(evidence: Make) -> None:
    table = Table(np.full(3, 2.0), *(np.ones((3, n)) for n in (64, 16, 16, 4)))
    core = centre(table, 0.4, EXAMINE.spreads)
    whole = weighed(evidence(topic=rho(0.0), style=rho(0.0), core=core, whole=True))
    part = weighed(evidence(topic=rho(0.0), style=rho(0.0), core=core, whole=False))

    assert sum(part.values()) < sum(whole.values())


def test_what_cannot_be_compared_is_no_evidence(evidence: Make) -> None:
    assert weighed(evidence(topic=None, style=None)) == {}
    assert weighed(evidence(topic=rho(0.0), style=None)) == {}


def test_accounts_that_each_ran_one_set_at_one_sitting_were_not_dealt_to(evidence: Make) -> None:
    alike = {"topic": rho(0.0), "style": rho(0.0), "repeats": 0.5}
    runs, habits = (weighed(evidence(**alike, clock=rho(hours))) for hours in (0.97, 0.5))

    assert runs["one_clock"] < -3
    assert -1 < habits["one_clock"] < 0


def test_accounts_used_one_after_the_other_are_not_excused_by_it(evidence: Make) -> None:
    dealt = weighed(evidence(topic=rho(0.0), style=rho(0.0), clock=rho(0.97), repeats=0.0))

    assert -1 < dealt["one_clock"] < 0


def test_who_is_more_alike_than_chance_runs_one_set_where_items_repeat(evidence: Make) -> None:
    alike = {"topic": rho(-0.1), "style": rho(-0.1)}
    crowd, decoy = (weighed(evidence(**alike, repeats=share)) for share in (0.5, 0.0))

    assert crowd["one_subject"] <= 0
    assert decoy["one_subject"] > 3
