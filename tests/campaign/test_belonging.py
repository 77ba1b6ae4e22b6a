"""Which accounts are a hand's."""

import math

import numpy as np
import pytest
from msgspec import structs
from numpy.typing import NDArray

from distillgate.campaign.belonging import (
    CERTAIN,
    apart,
    belongs,
    differences,
    membership,
    neighbours,
    reach,
    teams,
)
from distillgate.campaign.hand import Hand, Means, OneHand

Array = NDArray[np.float64]
FEATURES = 80
HAND = Hand(np.zeros(FEATURES), np.ones(FEATURES))


def test_a_member_is_told_from_others_and_the_surer_the_more_it_sent() -> None:
    rng = np.random.default_rng(5)
    said = OneHand(HAND, nats=60.0, asked=40.0, accounts=40, share=0.1, recurrence=1.0)

    def odds(own: float | Array, texts: int) -> Array:
        means = np.sqrt(own) * rng.normal(0, 1, (500, FEATURES))
        means += rng.normal(0, 1, means.shape) / math.sqrt(texts)
        return belongs(said, Means(np.full((500, 1), float(texts)), means))

    assert (odds(0.0, 8) >= CERTAIN).mean() > 0.5
    assert (odds(0.0, 12) >= CERTAIN).mean() > 0.99
    assert (odds(HAND.between, 6) >= CERTAIN).mean() < 0.002
    assert (odds(HAND.between, 12) >= CERTAIN).mean() == 0


def told(rng: np.random.Generator, own: float | Array, texts: int, accounts: int) -> Means:
    """Return accounts that lie off the centre by themselves (variance `own`)."""
    means = np.sqrt(own) * rng.normal(0, 1, (accounts, FEATURES))
    means += rng.normal(0, 1, means.shape) / math.sqrt(texts)
    return Means(np.full((accounts, 1), float(texts)), means)


def joined(*some: Means) -> Means:
    return Means(*(np.vstack(columns) for columns in zip(*some, strict=True)))


def test_a_companys_keys_lie_near_a_hand_one_by_one_and_apart_from_it_together() -> None:
    rng = np.random.default_rng(6)
    said = OneHand(HAND, nats=60.0, asked=40.0, accounts=80, share=0.4, recurrence=1.0)
    company = told(rng, 0.0, 8, 6)
    company = company._replace(means=company.means + 0.2 * rng.normal(0, 1, FEATURES))
    means = joined(told(rng, 0.0, 12, 80), company)
    payers = np.array([*np.repeat([1, 2, 3, 4], 20), *[5] * 6], np.uint32)

    assert (belongs(said, company) >= CERTAIN).any()
    assert apart(said, payers, means) == (5,)
    nearest = 8.0 * company.means[belongs(said, company).argmax()]
    assert membership(said, 5, 8.0, nearest) >= CERTAIN
    known = structs.replace(said, apart=(5,))
    assert membership(known, 5, 8.0, nearest) == -math.inf


def test_a_company_lies_apart_from_a_hand_whose_accounts_differ_among_themselves() -> None:
    rng = np.random.default_rng(13)
    subject = np.where(np.arange(FEATURES) < 64, 0.02, 0.0)
    alone = OneHand(HAND, nats=60.0, asked=40.0, accounts=80, share=0.4, recurrence=1.0)
    said = structs.replace(alone, spread=0.02)
    ring, company = told(rng, subject, 12, 80), told(rng, 0.0, 8, 12)
    company = company._replace(means=company.means + 0.17 * rng.normal(0, 1, FEATURES))
    payers = np.array([*np.repeat([1, 2, 3, 4, 5, 6, 7, 8], 10), *[9] * 12], np.uint32)

    assert apart(said, payers, joined(ring, company)) == (9,)


def test_who_pays_alone_or_not_at_all_lies_apart_with_nobody() -> None:
    rng = np.random.default_rng(7)
    said = OneHand(HAND, nats=60.0, asked=40.0, accounts=80, share=0.4, recurrence=1.0)
    means = joined(told(rng, 0.0, 12, 40), told(rng, 0.05, 12, 40))

    assert apart(said, np.arange(1, 81, dtype=np.uint32), means) == ()
    assert apart(said, np.zeros(80, np.uint32), means) == ()


def test_who_has_neighbours_must_lie_nearer_or_have_sent_more() -> None:
    rng = np.random.default_rng(8)
    alone = OneHand(HAND, nats=60.0, asked=40.0, accounts=80, share=0.4, recurrence=1.0)
    manner = np.where(np.arange(FEATURES) < 64, 0.0, 0.1)  # front-ends: nobody's subject, one voice
    front_ends = told(rng, manner, 80, 60)
    inside, near = neighbours(alone, joined(told(rng, 0.0, 20, 100), front_ends))
    beside = structs.replace(alone, inside=inside, neighbours=near)

    def inside_of(found: OneHand, own: float | Array, texts: int) -> float:
        return float((belongs(found, told(rng, own, texts, 400)) >= CERTAIN).mean())

    assert inside == pytest.approx(100, abs=5)
    assert inside_of(alone, manner, 8) > 3 * inside_of(beside, manner, 8)
    assert inside_of(beside, manner, 40) < 0.02
    assert inside_of(beside, 0.0, 40) > 0.9


def test_a_list_that_was_sorted_gives_its_accounts_room() -> None:
    rng = np.random.default_rng(9)
    manner = np.arange(FEATURES) >= 64
    ring = told(rng, np.where(manner, 0.0, 0.015), 60, 150)
    people = told(rng, HAND.between, 60, 60)
    pure = OneHand(HAND, nats=60.0, asked=40.0, accounts=150, share=0.1, recurrence=1.0)
    spread, personas = differences(HAND, ring, 1.0)
    alone = structs.replace(pure, spread=spread, personas=personas)
    found = []
    for said in (pure, alone):
        inside, near = neighbours(said, joined(ring, people))
        beside = structs.replace(said, inside=inside, neighbours=near)
        found.append([(belongs(beside, some) >= CERTAIN).mean() for some in (ring, people)])

    assert spread == pytest.approx(0.015, rel=0.2)
    assert personas.max() < 0.02
    assert found[0][0] < 0.3
    assert found[1][0] > 0.9
    assert found[1][1] == 0


def test_accounts_with_a_persona_of_their_own_belong_by_what_they_share() -> None:
    rng = np.random.default_rng(12)
    manner = np.arange(FEATURES) >= 64
    ring = told(rng, np.where(manner, 0.4, 0.0), 15, 100)
    near = joined(ring, told(rng, HAND.between, 15, 40))
    plain = OneHand(HAND, nats=60.0, asked=40.0, accounts=140, share=0.1, recurrence=1.0)
    spread, personas = differences(HAND, near, 0.7)
    known = structs.replace(plain, spread=spread, personas=personas)

    assert (belongs(plain, ring) >= CERTAIN).mean() < 0.2
    assert (belongs(known, ring) >= CERTAIN).mean() > 0.9
    assert not (belongs(known, told(rng, HAND.between, 15, 400)) >= CERTAIN).any()
    assert spread < 0.01
    assert max(differences(HAND, told(rng, 0.0, 15, 100), 1.0)[1]) < 0.02


def test_who_sent_five_texts_belongs_to_no_hand() -> None:
    said = OneHand(HAND, nats=60.0, asked=40.0, accounts=40, share=0.5, recurrence=1.0)
    sums = np.zeros(FEATURES)

    assert membership(said, 0, 5.0, sums) == -math.inf
    assert membership(said, 0, 12.0, sums) >= CERTAIN
    assert reach(-math.inf) == 0
    assert reach(CERTAIN) == 1


@pytest.mark.parametrize("beside", [0, 1, 64])
def test_one_account_is_judged_as_many_are_at_once_to_the_bit(beside: int) -> None:
    rng = np.random.default_rng(beside)
    near = np.abs(rng.normal(0, 0.05, 2 * beside))
    hand = Hand(rng.normal(0, 0.1, FEATURES), rng.uniform(0.5, 2.0, FEATURES))
    said = OneHand(
        hand, nats=60.0, asked=40.0, accounts=80, share=0.4, recurrence=1.0,
        spread=0.004, personas=np.full(16, 0.004), inside=40.0, neighbours=near,
    )  # fmt: skip
    found = set()
    for texts in (5.0, 6.0, 9.0, 40.0, 2048.0):
        for own in (0.0, 0.002, 0.02, 0.2):
            means = hand.centre + rng.normal(0, 1, (20, FEATURES)) * np.sqrt(
                hand.within * (own + 1 / texts)
            )
            sums = means * texts
            # What is compared is read from the sums, whose division rounds.
            at_once = belongs(said, Means(np.full((20, 1), texts), sums / texts))
            singly = [membership(said, 1, texts, one) for one in sums]
            assert singly == at_once.tolist()
            found.update(np.isfinite(at_once).tolist())
    assert found == {True, False}


def test_payers_of_many_accounts_in_a_hand_whose_others_have_few_are_a_teams() -> None:
    alone = np.arange(100, 200, dtype=np.uint32)
    belong, alone_there = np.ones(109, bool), np.zeros(109, bool)
    payers = np.concatenate((alone, np.full(9, 7, np.uint32)))

    assert teams(payers, belong, alone_there) == (7,)
    assert teams(np.where(payers == 7, 0, payers).astype(np.uint32), belong, alone_there) == (), (
        "not known"
    )
    belong[:60] = False
    assert teams(payers, belong, alone_there) == (), "a ring that pays for many each"
    belong[100:105] = False
    assert teams(payers, belong, alone_there) == (7,), "of its accounts some draw the like"


def test_a_few_accounts_of_one_payer_are_no_team() -> None:
    payers = np.concatenate((np.arange(100, 200), np.full(4, 7))).astype(np.uint32)

    assert teams(payers, np.ones(104, bool), np.zeros(104, bool)) == ()


@pytest.mark.parametrize(("paid", "there", "said"), [
    (5, 9, {7, *range(100, 109)}),
    (5, 11, set(range(100, 111))),  # more than a tenth together
    (50, 9, set(range(100, 109))),  # a ring that pays for many each
    (50, 16, set()),
])  # fmt: skip
def test_accounts_among_many_of_an_office_are_a_teams_too(
    paid: int, there: int, said: set[int]
) -> None:
    payers = np.concatenate((np.full(paid, 7), np.arange(100, 250 - paid))).astype(np.uint32)
    among = np.zeros(len(payers), bool)
    among[paid : paid + there] = True

    assert set(teams(payers, np.ones(len(payers), bool), among)) == said
