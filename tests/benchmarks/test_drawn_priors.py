import random
from typing import Any

import pytest
from benchmarks.detection.drawn.parameters import (
    CampaignHabits,
    CompanyHabits,
    CrowdHabits,
    WorldHabits,
)
from benchmarks.detection.drawn.priors import (
    Choice,
    LogUniform,
    Often,
    Pareto,
    Prior,
    Uniform,
    draw,
    priors,
)

KINDS = (WorldHabits, CampaignHabits, CompanyHabits, CrowdHabits)


@pytest.mark.parametrize("kind", KINDS)
def test_every_parameter_has_a_prior_and_is_drawn_from_it(kind: type[Any]) -> None:
    known = priors(kind)

    assert set(known) == set(kind.__struct_fields__)
    for seed in range(50):
        drawn = draw(kind, str(seed))
        for name, prior in known.items():
            assert prior.holds(getattr(drawn, name)), name


@pytest.mark.parametrize("kind", KINDS)
def test_draws_cover_the_range_of_every_prior(kind: type[Any]) -> None:
    drawn = [draw(kind, f"cover {seed}") for seed in range(600)]

    for name, prior in priors(kind).items():
        values = [getattr(one, name) for one in drawn]
        assert covered(prior, values), name


def covered(prior: Prior, values: list[Any]) -> bool:
    match prior:
        case Choice(weights):
            return {value for value, _ in weights} == set(values)
        case Often(value, _, other):
            return value in values and covered(other, [v for v in values if v != value])
        case Uniform(low, high):
            part = (high - low) / 10
            return bool(min(values) < low + part and max(values) > high - part)
        case Pareto(low, high):
            return bool(min(values) < 1.1 * low and max(values) > high / 4)
        case LogUniform(low, high):
            part = (high / low) ** 0.1
            return bool(min(values) < low * part + 1 and max(values) > high / part - 1)
    return False


def test_a_seed_draws_the_same_and_another_seed_something_else() -> None:
    assert draw(CampaignHabits, "1") == draw(CampaignHabits, "1")
    assert draw(CampaignHabits, "1") != draw(CampaignHabits, "2")


def test_a_value_that_is_held_changes_no_other() -> None:
    free, held = draw(WorldHabits, "1"), draw(WorldHabits, "1", days=99)

    assert held.days == 99
    assert held.talk == free.talk
    assert held.volume == free.volume


def test_often_draws_its_value_as_often_as_it_says() -> None:
    dice = random.Random(1)
    values = [Often(0.0, 0.7, Uniform(1.0, 2.0)).draw(dice) for _ in range(1_000)]

    assert 650 < values.count(0.0) < 750
