from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from tests.lab.scenarios.conftest import newest

from distillgate_lab.scenarios import honest

if TYPE_CHECKING:
    from tests.lab.scenarios.conftest import Stage


def test_unrelated_accounts_hardly_ever_send_the_same_text(stage: Stage) -> None:
    scene, records = stage()
    honest.CLASSES["chat users"].write(scene, 600)
    senders: dict[str, set[str]] = defaultdict(set)
    for record in records:
        senders[newest(record)].add(record["account"])

    shared = sum(len(accounts) > 1 for text, accounts in senders.items() if len(text) > 25)
    assert shared / len(senders) < 0.02


def test_campaigns_take_from_other_conversations_than_the_honest(stage: Stage) -> None:
    honest_talks, campaign_talks = (
        {scene.library.conversation().turns[0].content for _ in range(300)}
        for scene, _ in (stage(), stage(campaign=True))
    )

    assert honest_talks.isdisjoint(campaign_talks)


def test_a_work_list_comes_verbatim_first_and_retold_after_that(stage: Stage) -> None:
    scene, _ = stage(campaign=True)
    family = scene.corpus.pools[0]
    feed = scene.library.pool(family)
    first = [next(feed).prompt for _ in family.items]
    again = [next(feed).prompt for _ in family.items]

    assert sorted(first) == sorted(item.prompt for item in family.items)
    assert len(set(first) & set(again)) < len(first) / 20


def test_another_hand_deals_the_same_list_in_a_wrapper_of_its_own(stage: Stage) -> None:
    scene, _ = stage(campaign=True)
    family = next(pool for pool in scene.corpus.pools if pool.opening > 300)
    first, second = scene.library.pool(family), scene.library.pool(family)
    bare = scene.library.pool(family, bare=True)

    lines = [
        {line.strip() for _ in range(40) for line in next(feed).prompt.split("\n")}
        for feed in (first, second, bare)
    ]

    assert len(lines[0] & family.fixed) > 3
    assert all(len(line) <= 25 for line in lines[0] & lines[1])  # what everybody says
    assert lines[0] & lines[2] <= family.fixed
