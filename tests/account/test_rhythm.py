from distillgate.account.conduct import Conduct, ConductSettings, Tally, Trait, Word
from distillgate.account.use import learn_rhythm
from distillgate.account.windows import DAY, HOUR

SETTINGS = ConductSettings(plan_tokens={"team": 1e7})


def sends(times: list[float], plan: str | None = None, tokens: int = 10) -> Conduct:
    conduct = Conduct(0.0, 30)
    for at in times:
        learn_rhythm(conduct, tokens, plan, at, SETTINGS)
    return conduct


def shown(conduct: Conduct, trait: Trait) -> Tally | None:
    return conduct.tally(trait, conduct.words[Word.DAY] * DAY)


def test_a_day_without_a_rest_is_told_from_one_with_a_night() -> None:
    day_and_night = [number * HOUR / 3 for number in range(4 * 72)]
    days_only = [at for at in day_and_night if at % DAY < 16 * HOUR]

    found = shown(sends(day_and_night), Trait.SLEEPLESS)
    assert found is not None
    assert found.share == 1.0
    assert shown(sends(days_only), Trait.SLEEPLESS) is None


def test_a_day_with_few_requests_shows_no_rest_and_no_want_of_it() -> None:
    hourly = [number * HOUR for number in range(96)]
    assert sends(hourly).words[3 * Trait.SLEEPLESS + 1] == 0


def test_what_is_much_is_said_by_plan() -> None:
    daily = [number * DAY for number in range(5)]

    assert shown(sends(daily, "pro", 2_000_000), Trait.HEAVY) is not None
    assert shown(sends(daily, "team", 2_000_000), Trait.HEAVY) is None
    assert shown(sends(daily, None, 2_000_000), Trait.HEAVY) is None


def test_the_first_hour_and_the_busiest_are_remembered() -> None:
    words = sends([*range(0, 3600, 60), *range(4 * 3600, 5 * 3600, 30), 9 * HOUR]).words

    assert (words[Word.FIRST_HOUR], words[Word.BUSIEST_HOUR]) == (60, 120)


def test_a_week_later_the_weeks_marks_begin_anew() -> None:
    conduct = sends([0.0])
    conduct.mark(Word.AGENTS, 2, 5)
    learn_rhythm(conduct, 1, None, 6 * DAY, SETTINGS)
    assert conduct.marked(Word.AGENTS, 2) == 1

    learn_rhythm(conduct, 1, None, 7 * DAY, SETTINGS)
    assert conduct.marked(Word.AGENTS, 2) == 0
