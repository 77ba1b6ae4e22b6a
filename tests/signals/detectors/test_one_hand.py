import math

import numpy as np
import pytest
from msgspec.structs import replace
from tests.signals.conftest import Make, case

from distillgate.campaign.evidence import Evidence, Taken
from distillgate.campaign.exchangeability import Intraclass
from distillgate.campaign.hand import SURE, Hand, HeldOut, OneHand
from distillgate.campaign.keys import Kind
from distillgate.campaign.openness import Openness
from distillgate.risk.fuse import RiskSettings
from distillgate.signals.detectors.one_hand import one_hand
from distillgate.signals.detectors.shared_key import shared_key
from distillgate.signals.group_detector import Basis
from distillgate.signals.signal import Family

LINKED = RiskSettings().linked
ALIKE = Intraclass(0.0, 0.005, 60, 600)


def said(nats: float) -> OneHand:
    hand = Hand(np.zeros(80), np.ones(80))
    return OneHand(hand, nats=nats, asked=40.0, accounts=60, share=0.1, recurrence=1.1)


def weighed(evidence: Evidence) -> dict[str, float]:
    found = one_hand(case(evidence))
    assert all(signal.family is Family.LINKAGE for signal in found)
    return {signal.name: signal.llr for signal in found}


def test_texts_alone_link_from_the_evidence_that_is_asked(evidence: Make) -> None:
    weights = [weighed(evidence(one_hand=said(nats)))["one_hand"] for nats in (-20, 0, 40, 80, 400)]

    assert weights == sorted(weights)
    assert weights[1] == 0
    assert weights[2] > LINKED


@pytest.mark.parametrize(("rho", "adds"), [(0.0, True), (0.6, False)])
def test_hours_add_and_never_take_away(evidence: Make, rho: float, adds: bool) -> None:
    clock = Intraclass(rho, 0.005, 60, 600)

    found = weighed(evidence(one_hand=said(60.0), clock=clock))["one_clock"]

    assert found > 0 if adds else found == 0


def test_of_a_group_that_shares_a_key_it_says_nothing(evidence: Make) -> None:
    assert weighed(evidence(one_hand=None)) == {}


def test_what_was_held_out_outweighs_that_something_is_shared(evidence: Make) -> None:
    def link(nats: float, kind: Kind) -> float:
        found = case(evidence(held_out=HeldOut(nats, 60), topic=ALIKE, principals=40), kind)
        asked = (shared_key, one_hand) if found.basis is Basis.DRAWN else (shared_key,)
        return sum(signal.llr for detector in asked for signal in detector(found))

    for kind in (Kind.TURN, Kind.PAYMENT, Kind.SHAPE):
        assert link(SURE, kind) >= LINKED
        assert link(13.0, kind) < LINKED, "what honest accounts came to"


@pytest.mark.parametrize(("nats", "dealt", "llr"), [
    (20.0, 20.0, 8.0),
    (25.0, 25.0, 10.0),
    (100.0, 100.0, 12.0),  # each doubling adds a nat
    (4000.0, 4000.0, 10.0 + math.log2(160.0)),
    (4000.0, 8000.0, 10.0),  # but of accounts that are not as alike as dealt ones
])  # fmt: skip
def test_evidence_of_accounts_that_a_key_ties_grows_with_them(
    evidence: Make, nats: float, dealt: float, llr: float
) -> None:
    shown = evidence(held_out=HeldOut(nats, 60, of_a_dealer=dealt), topic=ALIKE, principals=60)

    (found,) = one_hand(case(shown, Kind.TURN))

    assert found.llr == pytest.approx(llr)


def test_accounts_less_alike_than_a_dealers_are_not_tied_by_a_client_that_many_have(
    evidence: Make,
) -> None:
    def weight(nats: float, kind: Kind, manner: float = 0.5, dealt: float = 100.0) -> float:
        held_out = HeldOut(nats, 125, of_a_dealer=dealt, in_manner=manner)
        [found] = one_hand(case(evidence(held_out=held_out, topic=ALIKE, principals=125), kind))
        return found.llr

    for kind in (Kind.CLIENT, Kind.SHAPE, Kind.COHORT, Kind.NETWORK):
        assert weight(62.0, kind, manner=0.95) == 0, "keys of one company"
        assert weight(80.0, kind) > 7
        assert weight(29.0, kind, manner=0.95, dealt=42.0) == 0, "companies, of few texts each"
        assert weight(29.0, kind, manner=0.95, dealt=30.0) > 7
    assert weight(45.0, Kind.PAYMENT) == 0
    assert weight(62.0, Kind.PAYMENT) > 7
    assert weight(45.0, Kind.PAYMENT, manner=0.9) > 7, "a list that was sorted by subject"
    assert weight(45.0, Kind.SYSTEM) > 7


@pytest.mark.parametrize(("subject", "manner", "nats", "tied"), [
    (0.32, 0.87, 76.0, False),  # a sentence that offices and agencies have in common
    (0.32, 0.87, 180.0, True),  # by all they sent they are as alike as dealt ones
    (0.02, 0.87, 76.0, True),  # a persona of each account's: one list
    (0.32, 0.02, 76.0, True),  # a list that was sorted by subject
])  # fmt: skip
def test_a_sentence_around_texts_of_each_accounts_own_ties_only_accounts_as_alike_as_dealt_ones(
    evidence: Make, subject: float, manner: float, nats: float, *, tied: bool
) -> None:
    apart = {
        "topic": Intraclass(subject, 0.02, 240, 340),
        "style": Intraclass(manner, 0.03, 240, 340),
    }
    held_out = HeldOut(nats, 243, of_a_dealer=257.0, in_manner=0.5, texts=14.0)

    (found,) = one_hand(case(evidence(held_out=held_out, follows=0.03, **apart), Kind.TURN))

    assert (found.llr > 7) == tied


def test_a_few_customers_of_one_source_are_not_tied_by_their_prompt(evidence: Make) -> None:
    def weight(nats: float, principals: int, manner: float = 1.1, asked: float = SURE) -> float:
        held_out = HeldOut(nats, principals, asked, of_a_dealer=60.0, in_manner=manner)
        [found] = one_hand(case(evidence(held_out=held_out, topic=ALIKE), Kind.TURN))
        return found.llr

    assert weight(32.0, 25) == 0
    assert weight(50.0, 25) > 7, "as alike as dealt"
    assert weight(32.0, 25, manner=0.2) > 7, "one list, each account in a manner of its own"
    assert weight(32.0, 40) > 7, "a sorted list, dealt to more than a team"
    assert weight(32.0, 25, asked=2.5) > 7, "others told of that prompt"


def test_texts_that_people_may_stand_behind_need_something_beside_them(evidence: Make) -> None:
    def weight(found: OneHand, follows: float) -> float:
        return weighed(evidence(one_hand=found, follows=follows))["one_hand"]

    known, few = (replace(said(80.0), texts=texts) for texts in (40.0, 15.0))

    assert weight(few, 0.0) == weight(known, 0.3) > LINKED
    clock = 1.5  # the most that it adds
    assert 0 < weight(few, 0.2) < LINKED - clock


def test_however_many_they_are_those_who_talk_back_may_be_front_ends(evidence: Make) -> None:
    found = replace(said(80.0), accounts=280, share=0.3, texts=17.0, reached=1.1)
    clock = 1.5  # the most that it adds

    found_of = weighed(evidence(one_hand=found, principals=250, follows=0.2))

    assert found_of["one_hand"] < LINKED - clock


@pytest.mark.parametrize(("reached", "follows", "linked"), [
    (0.97, 0.3, True),
    (0.9, 0.3, False),  # front-ends
    (0.7, 0.0, True),  # a search in sorted order
    (0.5, 0.0, False),
])  # fmt: skip
def test_accounts_that_differ_more_than_a_dealers_are_no_hand(
    evidence: Make, reached: float, follows: float, *, linked: bool
) -> None:
    shown = replace(said(80.0), reached=reached, texts=40.0)

    found = weighed(evidence(one_hand=shown, follows=follows))["one_hand"]

    assert (found >= LINKED) == linked
    assert linked or found == 0


def test_front_ends_on_one_card_must_be_as_alike_as_a_dealers(evidence: Make) -> None:
    shown = evidence(
        one_hand=replace(said(80.0), reached=0.7, texts=40.0),
        follows=0.3,
        taken=Taken(openness=Openness(together=0.9)),
    )

    assert weighed(shown)["one_hand"] == 0


@pytest.mark.parametrize(("reached", "follows", "before", "linked"), [
    (0.8, 0.3, 0.0, False),
    (0.8, 0.3, 5.0, True),  # each sent more of a list that was sorted by half
    (0.65, 0.3, 5.0, False),
    (0.65, 0.0, 0.0, False),
    (0.65, 0.0, 5.0, True),
    (0.45, 0.0, 5.0, False),
])  # fmt: skip
def test_a_hand_that_was_linked_stays_one_until_it_differs_more(
    evidence: Make, reached: float, follows: float, before: float, *, linked: bool
) -> None:
    found = replace(said(80.0), reached=reached, texts=40.0)
    shown = case(evidence(one_hand=found, follows=follows))
    shown.group.link = before

    [told] = one_hand(shown)

    assert (told.llr >= LINKED) == linked


@pytest.mark.parametrize("part", ["in_manner", "in_subject"])
def test_a_sorted_list_is_a_hands_by_its_manner_and_personas_are_by_their_subject(
    evidence: Make, part: str
) -> None:
    apart = replace(said(80.0), reached=0.4, texts=40.0, **{part: 0.9})

    assert weighed(evidence(one_hand=apart, follows=0.0))["one_hand"] > LINKED
    assert weighed(evidence(one_hand=apart, follows=0.3))["one_hand"] == 0, "front-ends"


def test_accounts_over_one_public_set_are_no_hand(evidence: Make) -> None:
    crowd = replace(said(80.0), recurrence=1.4, of_a_set=True, texts=40.0)

    assert weighed(evidence(one_hand=crowd, follows=0.0))["one_hand"] == 0


def test_front_ends_that_share_a_card_are_one_companys(evidence: Make) -> None:
    ring = evidence(
        one_hand=replace(said(80.0), texts=12.0),
        follows=0.3,
        taken=Taken(openness=Openness(together=0.9)),
    )

    assert weighed(ring)["one_hand"] > LINKED


@pytest.mark.parametrize(("texts", "reached", "linked"), [
    (33.0, 0.93, False),  # resellers of the same people
    (33.0, 1.0, True),
    (41.0, 0.87, False),
    (41.0, 0.97, True),
    (66.0, 0.8, False),
    (66.0, 0.86, True),
])  # fmt: skip
def test_the_more_accounts_that_talk_back_sent_the_more_front_ends_would_differ(
    evidence: Make, texts: float, reached: float, *, linked: bool
) -> None:
    found = replace(said(80.0), reached=reached, texts=texts)

    assert (weighed(evidence(one_hand=found, follows=0.3))["one_hand"] > LINKED) == linked


@pytest.mark.parametrize(("nats", "dealt", "share", "together", "tied"), [
    (70.0, 100.0, 1.0, 0.0, False),  # the front-ends that one prompt comes with
    (86.0, 100.0, 1.0, 0.0, False),  # resellers of the same people
    (95.0, 100.0, 1.0, 0.0, True),
    (70.0, 100.0, 0.75, 0.0, True),  # the rest are strangers
    (70.0, 100.0, 1.0, 0.9, True),  # and they share cards
    (34.0, 24.0, 1.0, 0.0, False),  # so few that they may be alike by chance
])  # fmt: skip
def test_accounts_that_talk_back_are_tied_by_a_prompt_where_they_are_as_alike_as_dealt_ones(
    evidence: Make,
    nats: float,
    dealt: float,
    share: float,
    together: float,
    tied: bool,
) -> None:
    shown = evidence(
        held_out=HeldOut(nats, 60, share=share, of_a_dealer=dealt, texts=48.0),
        topic=ALIKE,
        principals=60,
        follows=0.3,
        taken=Taken(openness=Openness(together=together)),
    )

    assert ([found.llr > 0 for found in one_hand(case(shown, Kind.SYSTEM))] == [True]) == tied


@pytest.mark.parametrize(("principals", "texts", "tied"), [
    (25, 12.0, False),  # gateways through which many talk to one persona
    (25, 32.0, True),
    (100, 12.0, False),  # however many
    (100, 32.0, True),
])  # fmt: skip
def test_of_those_who_talk_back_a_prompt_takes_as_many_texts_as_front_ends_do(
    evidence: Make, principals: int, texts: float, *, tied: bool
) -> None:
    found = HeldOut(60.0, principals, of_a_dealer=52.0, texts=texts)
    shown = evidence(held_out=found, topic=ALIKE, follows=0.3)

    assert ([signal.llr > 0 for signal in one_hand(case(shown, Kind.SYSTEM))] == [True]) == tied
