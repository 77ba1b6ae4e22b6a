from distillgate.campaign.dispersion import Loads
from distillgate.signals.evenness import evenness


def test_a_balancers_counts_are_more_likely_so_even_than_peoples() -> None:
    even, uneven = Loads(1.0, 0.1, 20.0), Loads(6.0, 0.1, 20.0)

    assert evenness(even) > 1 > -1 > evenness(uneven)


def test_fewer_accounts_say_less() -> None:
    assert evenness(Loads(1.0, 0.6, 20.0)) < evenness(Loads(1.0, 0.1, 20.0))
