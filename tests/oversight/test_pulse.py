"""How many are restricted, and by how much the loop was held up."""

import asyncio

from tests.engine.conftest import World

from distillgate.oversight.campaigns import Campaign, Tie
from distillgate.oversight.pulse import CampaignWatch, Pulse


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


def campaign(accounts: int, *codes: str) -> Campaign:
    ties = [Tie(code, code, "prompt template", accounts, 5.0) for code in codes]
    return Campaign(f"c-{codes[0]}", f"c-{codes[0]}", ties, [f"a-{n}" for n in range(accounts)])


def told(watch: CampaignWatch, *found: Campaign) -> list[tuple[str, int]]:
    return [(change, document["accounts"]) for change, document in watch.compare(list(found))]


def test_a_campaign_is_told_as_it_changes_and_not_in_between() -> None:
    watch = CampaignWatch()

    assert told(watch) == []
    assert told(watch, campaign(10, "g-1")) == [("appeared", 10)]
    assert told(watch, campaign(14, "g-1")) == []
    assert told(watch, campaign(15, "g-2", "g-1")) == [("grew", 15)]
    assert told(watch, campaign(20, "g-2")) == [], "it is known by any of its groups"
    assert told(watch, campaign(23, "g-2")) == [("grew", 23)]
    assert told(watch) == [("ended", 23)]
    assert told(watch, campaign(23, "g-2")) == [("appeared", 23)]


def test_two_that_turn_out_to_be_one_are_not_told_as_new() -> None:
    watch = CampaignWatch()
    told(watch, campaign(10, "g-1"), campaign(9, "g-2"))

    assert told(watch, campaign(14, "g-1", "g-2")) == []
    assert told(watch, campaign(10, "g-1"), campaign(9, "g-3")) == [("appeared", 9)]
