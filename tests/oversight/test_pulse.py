"""How many are restricted, and by how much the loop was held up."""

import asyncio

from tests.engine.conftest import World

from distillgate.oversight.pulse import Pulse


def test_the_restricted_are_counted_until_their_end(dealt: World) -> None:
    now = dealt.now
    pulse = Pulse(dealt.engine, lambda: now)

    asyncio.run(pulse.count())
    assert pulse.restricted == 16
    now += 100 * 86_400.0
    asyncio.run(pulse.count())
    assert pulse.restricted == 0


def test_the_longest_hold_up_of_the_last_minute_is_told(dealt: World) -> None:
    pulse = Pulse(dealt.engine, lambda: dealt.now)
    assert pulse.lag == 0.0

    for lag in (0.1, 0.7, -0.1, *[0.2] * 58):
        pulse.note(lag)
    assert pulse.lag == 0.7
    pulse.note(0.2)
    assert pulse.lag == 0.2


def test_a_campaign_is_told_once(dealt: World) -> None:
    told: list[tuple[str, int]] = []
    pulse = Pulse(dealt.engine, lambda: dealt.now)
    asyncio.run(pulse.compare())
    pulse.tell = lambda change, found: told.append((change, found["accounts"]))

    for _ in range(2):
        asyncio.run(pulse.compare())

    assert told == [("appeared", 16)]
