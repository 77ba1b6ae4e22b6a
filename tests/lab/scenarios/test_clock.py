import random

from distillgate_lab.scenarios.clock import DAY, DAYS, START, Clock
from distillgate_lab.scenarios.text import Session


def clock(seed: str = "clock", *sessions: Session) -> Clock:
    return Clock(sessions, sessions, random.Random(seed))


def test_people_keep_hours_and_machines_do_not() -> None:
    times = clock().person(200)
    hours = [int((at - START) % DAY // 3600) for at in times]

    assert times == sorted(times)
    assert all(START <= at < clock().end for at in times)
    assert len(set(hours)) < 24
    assert (
        len(
            {
                int((at - START) % DAY // 3600)
                for at in clock().steady(500, START, START + DAYS * DAY)
            }
        )
        == 24
    )


def test_gaps_are_those_of_the_recorded_sessions() -> None:
    recorded = Session([7.0, 11.0, 0.5], [(1, 1)])

    assert {clock("a", recorded).think() for _ in range(9)} <= {7.0, 11.0}
    assert {clock("a", recorded).tick() for _ in range(9)} <= {7.0, 11.0, 0.5}


def test_volumes_are_heavy_tailed_within_their_bounds() -> None:
    drawn = clock()
    counts = [drawn.volume(5, 3, 60) for _ in range(500)]

    assert min(counts) == 3
    assert 30 < max(counts) <= 60


def test_a_longer_world_has_as_much_a_day_and_the_same_numbers_of_people() -> None:
    fortnight, month = clock(), Clock((), (), random.Random("clock"), 28)

    assert month.end == START + 28 * DAY
    assert [month.volume() for _ in range(50)] == [2 * fortnight.volume() for _ in range(50)]
    assert month.number(5, 3, 60) == fortnight.number(5, 3, 60)
    assert max(month.person(200)) > START + 20 * DAY
