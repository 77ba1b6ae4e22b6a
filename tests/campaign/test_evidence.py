import numpy as np
from numpy.typing import NDArray

from distillgate.campaign.evidence import Core, distances, log_odds, may_be_peoples
from distillgate.campaign.examine import ExamineSettings

TOPIC, STYLE = 64, 16
Array = NDArray[np.float64]


def core(share: float = 0.5) -> Core:
    topic_block, style_block = ExamineSettings().spreads
    return Core(
        topic=np.zeros(TOPIC),
        style=np.ones(STYLE),
        topic_within=float(TOPIC),
        style_within=np.full(STYLE, 4.0),
        share=share,
        topic_block=topic_block,
        style_block=style_block,
    )


def principals(spread: float, texts: int, count: int = 300) -> tuple[Array, Array, Array]:
    """Sums of principals whose own means lie this far (in deviations of a text) from the core's."""
    rng = np.random.default_rng(texts)
    topic = rng.normal(0, 1, (count, texts, TOPIC)) + spread * rng.normal(0, 1, (count, 1, TOPIC))
    style = rng.normal(0, 1, (count, texts, STYLE)) + spread * rng.normal(0, 1, (count, 1, STYLE))
    return np.full(count, float(texts)), topic.sum(axis=1), (1 + 2 * style).sum(axis=1)


def test_true_members_are_about_as_far_as_chance_takes_them() -> None:
    for texts in (2, 10, 50):
        for found in distances(core(), *principals(0.0, texts)):
            assert abs(float(found.mean()) - 1) < 0.05


def test_members_are_told_from_strangers_better_the_more_they_said() -> None:
    members, strangers = (
        [
            float((log_odds(core(), *principals(spread, texts)) > 0).mean())
            for texts in (1, 5, 20, 80)
        ]
        for spread in (0.0, 0.6)
    )

    assert members[-1] > 0.99
    assert members == sorted(members)
    assert min(members) > 0.5
    assert strangers == sorted(strangers, reverse=True)
    assert strangers[-1] == 0


def test_who_says_nothing_is_what_the_group_is() -> None:
    nothing = np.full(1, 1e-9), np.zeros((1, TOPIC)), np.full((1, STYLE), 1e-9)

    low, even, high = (float(log_odds(core(share), *nothing)[0]) for share in (0.1, 0.5, 0.9))

    assert low < 0 < high
    assert abs(even) < 1e-6


def test_of_few_exchanges_chance_leaves_people_short() -> None:
    assert may_be_peoples(0.12, 10_000)
    assert not may_be_peoples(0.11, 10_000)
    assert may_be_peoples(0.11, 200)
    assert not may_be_peoples(0.07, 200)  # a campaign that does not pay for it
