import pytest

from distillgate.account.account import Account
from distillgate.account.releases import Release
from distillgate.account.windows import DAY, HOUR
from distillgate.campaign.life import Counted, Crowd, Life

OLD, NEW = "m-1", "m-2"


def account(created: float | None = None, held_until: float = 0.0) -> Account:
    found = Account.new("a", 1, 0.0)
    found.created, found.held_until = created, held_until
    return found


def test_units_that_come_within_hours_have_a_small_spread() -> None:
    crowd, together, apart = Crowd(), Life(), Life()
    for i in range(50):
        together.learn(account(), OLD, crowd, i * 60.0, new=True)
        apart.learn(account(), OLD, crowd, i * 6 * HOUR, new=True)
    together.learn(account(), OLD, crowd, 10 * DAY, new=False)

    assert (together.principals, apart.principals) == (50, 50)
    assert together.spread < 1
    assert apart.spread > 80


def test_a_burst_at_the_beginning_is_followed_by_no_pause() -> None:
    crowd, life = Crowd(), Life()
    for _ in range(30):
        crowd.learn(OLD, None)
        life.learn(account(), OLD, crowd, 0.0, new=True)
    for _ in range(1000):
        crowd.learn(OLD, None)
    life.learn(account(), OLD, crowd, 9000.0, new=False)

    assert life.pause == 0


def test_young_accounts_and_those_opened_after_a_restriction_are_counted() -> None:
    crowd, life = Crowd(), Life()
    life.learn(account(created=-30 * DAY), OLD, crowd, 0.0, new=True)
    life.learn(account(created=-DAY), OLD, crowd, 0.0, new=True)
    life.learn(account(created=None), OLD, crowd, 0.0, new=True)
    life.learn(account(created=-DAY, held_until=DAY), OLD, crowd, HOUR, new=False)
    life.learn(account(created=HOUR - 1), OLD, crowd, 3 * HOUR, new=True)
    life.learn(account(created=HOUR + 1), OLD, crowd, 3 * HOUR, new=True)

    assert (life.principals, life.dated, life.young, life.after) == (5, 4, 3, 1)


@pytest.mark.parametrize(("others", "least", "most"), [(0, 0, 0), (400, 90, 110)])
def test_a_pause_is_one_by_what_the_crowd_sent_meanwhile(
    others: int, least: int, most: int
) -> None:
    crowd, life = Crowd(), Life()
    for i in range(800):
        crowd.learn(OLD, None)
        if i % 4 == 0:  # a quarter of all exchanges
            life.learn(account(), OLD, crowd, float(i), new=False)
    before = life.pause
    for _ in range(others):
        crowd.learn(OLD, None)
    life.learn(account(), OLD, crowd, 90_000.0, new=False)

    assert before < 5
    assert least <= life.pause - before <= most


def test_a_turn_is_counted_while_a_model_is_new() -> None:
    crowd, life, other = Crowd(), Life(), Life()
    release = Release(NEW, 0.0)
    for i in range(30):
        model = NEW if i % 3 else OLD
        crowd.learn(model, release)
        life.learn(account(), model, crowd, float(i), new=False)
        crowd.learn(OLD, release)
    crowd.learn(NEW, None)
    life.learn(account(), NEW, crowd, 2 * DAY, new=False)
    other.learn(account(), NEW, crowd, 2 * DAY, new=False)

    assert life.taken_up == Counted(30, 20)
    assert life.crowd == Counted(59, 20)
    assert other.taken_up == other.crowd == Counted()


def test_the_next_model_is_counted_anew() -> None:
    crowd, life = Crowd(), Life()
    for at, model in ((0.0, OLD), (0.0, OLD), (DAY, NEW)):
        crowd.learn(model, Release(model, at))
        life.learn(account(), model, crowd, at, new=False)

    assert life.taken_up == crowd.taken_up == Counted(1, 1)


def test_groups_that_become_one_have_the_lives_of_both() -> None:
    crowd, one, other = Crowd(), Life(), Life()
    for life in (one, other):
        for i in range(3):
            life.learn(account(created=0.0), OLD, crowd, float(i), new=True)

    one.absorb(other)

    assert (one.principals, one.dated, one.young, one.exchanges) == (6, 6, 6, 6)
