"""A walk over the vocabulary: what varies is which tokens are biased; and classifiers beside it."""

from itertools import count
from typing import Any

from tests.engine.conftest import Start, World

PROMPTS = "Say one word.", "Continue: the old bridge", "What comes next?"


def biased(tokens: list[int]) -> dict[str, Any]:
    return {
        "logit_bias": {str(token): 100 for token in tokens},
        "logprobs": True,
        "top_logprobs": 5,
        "max_tokens": 1,
    }


def walked(world: World, accounts: int, requests: int) -> list[tuple[str, bool]]:
    """Let accounts walk the vocabulary; return whose each request was, and if it was restricted."""
    new = count(1000)
    found = []
    for _ in range(requests):
        name = f"c-{world.random.randrange(accounts)}"
        asked = biased([next(new) for _ in range(4)])
        decision = world.send(name, world.random.choice(PROMPTS), **asked)
        found.append((name, decision.action.restricts))
    return found


def test_a_vocabulary_that_is_walked_by_many_accounts_is_one_operators(start: Start) -> None:
    found = walked(start(3), 60, 1500)

    assert len({name for name, restricted in found[900:] if restricted}) >= 57


def test_classifiers_that_always_bias_their_labels_stay_free(start: Start) -> None:
    world = start(3)
    people = [world.person() for _ in range(60)]
    labels = [world.random.sample(range(1000, 2000), 4) for _ in people]
    decisions = [
        world.send(f"p-{who}", people[who](), **biased(labels[who]))
        for who in (world.random.randrange(60) for _ in range(1500))
    ]

    assert [one for one in decisions if one.action.restricts] == []
