"""Loads, windows and orders come out as the parameters say."""

import random
import statistics
from itertools import pairwise

import pytest
from benchmarks.detection.drawn import dealing
from benchmarks.detection.drawn.parameters import CampaignHabits
from benchmarks.detection.drawn.priors import draw

from distillgate_lab.scenarios.account import ask
from distillgate_lab.scenarios.campaigns.ring import Job
from distillgate_lab.scenarios.clock import DAY, START, Clock

FIXED = {"days": 10.0, "window": 1.0, "in_turn": 0.0, "personal_hours": 0.0, "sitting": 1}


def plan(**held: object) -> CampaignHabits:
    return draw(CampaignHabits, "1", **{**FIXED, **held})


def test_a_quota_gives_every_account_as_much() -> None:
    counts = dealing.loads(plan(load="quota"), 1_003, 100, random.Random(1))

    assert set(counts) == {10, 11}
    assert sum(counts) == 1_003


@pytest.mark.parametrize("load", ["log-normal", "dirichlet"])
def test_loads_are_the_more_uneven_the_larger_the_parameter_is(load: str) -> None:
    def spread(unevenness: float) -> float:
        chosen = plan(load=load, unevenness=unevenness)
        counts = dealing.loads(chosen, 20_000, 200, random.Random(1))
        return statistics.pstdev(counts) / statistics.mean(counts)

    assert 0.05 < spread(0.1) < spread(0.7) < spread(1.4)


def test_accounts_in_turn_hardly_overlap_and_keep_to_their_windows() -> None:
    chosen = plan(window=0.1, in_turn=1.0)
    slots = dealing.slots(
        chosen, [20] * 10, START, Clock([], [], random.Random(1)), random.Random(1)
    )
    spans = [
        (min(times), max(times))
        for times in ([slot.at for slot in slots if slot.account == a] for a in range(10))
    ]

    assert len(slots) == 200
    assert slots == sorted(slots)
    assert all(end - begin <= DAY for begin, end in spans)
    assert all(before[0] < after[0] for before, after in pairwise(spans))


def test_a_sitting_is_as_long_as_the_parameter_says() -> None:
    chosen = plan(sitting=5)
    slots = dealing.slots(chosen, [12], START, Clock([], [], random.Random(1)), random.Random(1))
    gaps = [b.at - a.at for a, b in pairwise(slots)]

    assert len(slots) == 12
    assert sum(gap <= 60.0 for gap in gaps) >= 9


BLOCK = 3
WHEN = [dealing.Slot(float(at), at % 6) for at in range(120)]


def jobs() -> list[Job]:
    """Return a list of forty subjects, three texts each, in any order."""
    dice = random.Random(1)
    words = ["".join(dice.choices("abcdefghij", k=9)) for _ in range(80)]
    texts = [f"{words[at]} {words[at + 40]} {n}" for at in range(40) for n in range(BLOCK)]
    dice.shuffle(texts)
    return [Job((ask(text),)) for text in texts]


def subjects(order: str) -> list[tuple[int, str]]:
    chosen = plan(order=order, order_strength=1.0, block=BLOCK)
    dealt = dealing.deal(chosen, jobs(), WHEN, random.Random(1))
    return [
        (slot.account, job.calls[0].turns[-1].content.split()[0])
        for slot, job in zip(WHEN, dealt, strict=True)
    ]


def changes(words: list[str]) -> int:
    return sum(before != after for before, after in pairwise(words))


def test_a_sorted_list_gives_an_account_blocks_of_one_subject() -> None:
    def of(order: str) -> int:
        found = subjects(order)
        return sum(changes([word for own, word in found if own == a]) for a in range(6))

    assert of("random") > 100
    assert of("sorted") < 80


def test_a_drifting_list_has_one_subject_at_a_time() -> None:
    assert changes([word for _, word in subjects("random")]) > 100
    assert changes([word for _, word in subjects("drifting")]) < 60


@pytest.mark.parametrize("order", ["random", "sorted", "drifting"])
def test_no_item_is_lost_or_sent_twice(order: str) -> None:
    chosen = plan(order=order, order_strength=0.5, block=7)
    dealt = dealing.deal(chosen, jobs(), WHEN, random.Random(1))

    assert sorted(job.calls[0].turns[0].content for job in dealt) == sorted(
        job.calls[0].turns[0].content for job in jobs()
    )
