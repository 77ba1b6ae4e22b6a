import pytest

from distillgate.account.account import Account, AccountSettings
from distillgate.account.windows import DAY, HOUR
from distillgate.campaign.life import Counted, Crowd, Life

OLD, NEW = 1, 2


def account(created: float | None = None, held_until: float = 0.0) -> Account:
    found = Account("a", 1, 0.0, AccountSettings())
    found.created, found.held_until = created, held_until
    return found


def watched(days: float = 4.0) -> Crowd:
    """A crowd that was watched for some days, a hundred exchanges an hour."""
    crowd = Crowd()
    for i in range(round(days * 2400)):
        crowd.learn(OLD, i % 50, i * 36.0)
    return crowd


def release(crowd: Crowd, now: float) -> None:
    for unit in range(8):
        crowd.learn(NEW, unit, now)


def test_units_that_come_within_hours_have_a_small_spread() -> None:
    crowd, together, apart = Crowd(), Life(), Life()
    for i in range(50):
        together.learn(account(), OLD, crowd, i * 60.0, new=True)
        apart.learn(account(), OLD, crowd, i * 6 * HOUR, new=True)
    together.learn(account(), OLD, crowd, 10 * DAY, new=False)

    assert (together.units, apart.units) == (50, 50)
    assert together.spread < 1
    assert apart.spread > 80


def test_young_accounts_and_those_opened_after_a_restriction_are_counted() -> None:
    crowd, life = Crowd(), Life()
    life.learn(account(created=-30 * DAY), OLD, crowd, 0.0, new=True)
    life.learn(account(created=-DAY), OLD, crowd, 0.0, new=True)
    life.learn(account(created=None), OLD, crowd, 0.0, new=True)
    life.learn(account(created=-DAY, held_until=DAY), OLD, crowd, HOUR, new=False)
    life.learn(account(created=HOUR - 1), OLD, crowd, 3 * HOUR, new=True)
    life.learn(account(created=HOUR + 1), OLD, crowd, 3 * HOUR, new=True)

    assert (life.units, life.dated, life.young, life.after) == (5, 4, 3, 1)


@pytest.mark.parametrize(("others", "least", "most"), [(0, 0, 0), (400, 90, 110)])
def test_a_pause_is_one_by_what_the_crowd_sent_meanwhile(
    others: int, least: int, most: int
) -> None:
    crowd, life = Crowd(), Life()
    for i in range(800):
        crowd.learn(OLD, i % 50, float(i))
        if i % 4 == 0:  # a quarter of all exchanges
            life.learn(account(), OLD, crowd, float(i), new=False)
    before = life.pause
    for _ in range(others):
        crowd.learn(OLD, 7, 5000.0)
    life.learn(account(), OLD, crowd, 90_000.0, new=False)

    assert before < 5
    assert least <= life.pause - before <= most


def test_what_eight_accounts_ask_for_is_a_new_model_and_what_one_does_is_a_misspelling() -> None:
    crowd = watched()
    now = 4 * DAY
    for _ in range(100):
        crowd.learn(3, 1, now)
    assert not crowd.new(now)

    release(crowd, now)

    assert crowd.new(now)
    assert crowd.release == NEW
    assert crowd.new(now + DAY)
    assert not crowd.new(now + DAY + 1)


def test_while_the_gate_is_new_no_model_is() -> None:
    crowd = watched(days=1.0)
    release(crowd, DAY)

    assert not crowd.new(DAY)


def test_a_turn_is_counted_for_a_day() -> None:
    crowd, life = watched(), Life()
    now = 4 * DAY
    release(crowd, now)
    for i in range(30):
        life.learn(account(), NEW if i % 3 else OLD, crowd, now + i, new=False)
        crowd.learn(OLD, i, now + i)
    life.learn(account(), NEW, crowd, now + 2 * DAY, new=False)

    assert life.taken_up == Counted(30, 20)
    assert life.crowd == Counted(30, 1)


def test_names_are_bounded() -> None:
    crowd = Crowd()
    for name in range(10_000):
        crowd.learn(name, 1, float(name))

    assert len(crowd._names) <= 256


def test_made_up_names_do_not_make_the_usual_model_new() -> None:
    crowd = watched()
    for name in range(10, 2000):
        crowd.learn(name, 1, 4 * DAY)
        crowd.learn(OLD, name % 50, 4 * DAY)

    assert not crowd.new(4 * DAY)


def test_groups_that_become_one_have_the_lives_of_both() -> None:
    crowd, one, other = Crowd(), Life(), Life()
    for life in (one, other):
        for i in range(3):
            life.learn(account(created=0.0), OLD, crowd, float(i), new=True)

    one.absorb(other)

    assert (one.units, one.dated, one.young, one.exchanges) == (6, 6, 6, 6)
