import numpy as np
import pytest
from msgspec import structs

from distillgate.campaign.hand import SURE, Hand, HeldOut, OneHand

HAND = Hand(np.zeros(80), np.full(80, 2.0))


def test_independent_accounts_lie_apart_in_proportion_to_how_an_account_varies() -> None:
    assert HAND.places == 64
    assert HAND.between[:64] == pytest.approx(np.full(64, HAND.between[0]))
    assert 2 * Hand(HAND.centre, HAND.within / 2).between == pytest.approx(HAND.between)


@pytest.mark.parametrize(("share", "prior"), [(0.001, 0.02), (0.1, 0.1), (0.9, 0.25)])
def test_neither_nobody_nor_everybody_is_expected_to_be_a_hands(share: float, prior: float) -> None:
    said = OneHand(HAND, nats=60.0, asked=40.0, accounts=40, share=share, recurrence=1.0)

    assert said.prior == prior


def test_strangers_among_the_principals_are_no_shortfall() -> None:
    said = HeldOut(nats=30.0, principals=40, share=0.5, of_a_dealer=60.0)

    assert said.sure
    assert said.reached == pytest.approx(1.0)
    assert structs.replace(said, share=1.0).reached == pytest.approx(0.5)
    assert not structs.replace(said, nats=SURE - 1).sure
    assert structs.replace(said, asked=SURE / 2).lowered
