from hypothesis import given
from hypothesis import strategies as st

from distillgate.policy.throttle import Presence, Turn, deal

LIMIT = 120.0


def test_each_of_many_that_come_at_once_is_dealt_a_turn_of_its_own() -> None:
    who = Presence()

    assert [deal(who, Turn(3.0, 3.0), 0.0, 0.0, LIMIT) for _ in range(10)] == [
        3.0 * turn for turn in range(1, 11)
    ]


def test_turns_are_dealt_no_further_than_clients_wait() -> None:
    who = Presence()
    told = [deal(who, Turn(3.0, 3.0), 0.0, 0.0, LIMIT) for _ in range(1000)]

    assert told[:40] == [3.0 * turn for turn in range(1, 41)]
    assert set(told[40:]) == {LIMIT}
    assert who.turn == LIMIT


def test_a_turn_that_nobody_takes_is_over_when_its_time_is() -> None:
    who = Presence()
    for _ in range(1000):
        deal(who, Turn(3.0, 3.0), 0.0, 0.0, LIMIT)

    assert deal(who, Turn(2.0, 3.0), LIMIT + 1.0, 0.0, LIMIT) == 2.0


def test_what_comes_back_all_at_once_deals_no_turns() -> None:
    who = Presence()

    assert {deal(who, Turn(50.0, 0.0), 0.0, 1.0, LIMIT) for _ in range(5)} == {50.0}
    assert who.turn == 0.0


@given(
    st.lists(st.tuples(st.floats(0, 20), st.floats(0.01, 200), st.floats(0.01, 60)), max_size=30),
    st.floats(0, 1),
)
def test_no_wait_is_shorter_than_it_must_be_or_longer_than_clients_wait(
    calls: list[tuple[float, float, float]], chance: float
) -> None:
    who, now = Presence(), 0.0
    for pause, wait, apart in calls:
        now += pause
        told = deal(who, Turn(wait, apart), now, chance, LIMIT)

        assert min(wait, LIMIT) <= told <= LIMIT
        assert who.turn <= now + LIMIT
