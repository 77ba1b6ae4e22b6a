"""Groups of one hand are one campaign, with every tie named; groups of two hands stay two."""

from collections import Counter
from dataclasses import replace

from tests.engine.conftest import World

from distillgate.campaign.jobs import complete
from distillgate.oversight.campaigns import _hands, campaigns, named


def test_five_groups_of_one_operator_are_one_campaign(dealt: World) -> None:
    assert len(dealt.engine.state.actors) >= 4

    [found] = complete(campaigns(dealt.engine, dealt.now))

    assert found.members == sorted(f"c-{n}" for n in range(16))
    assert {"system prompt", "prompt template"} <= {tie.kind for tie in found.ties}
    assert len(found.ties) == len(dealt.engine.state.actors)
    assert found.restricted == 16
    assert found.budget is not None
    assert found.value_tokens > found.budget
    assert found.exchanges == 600
    told = found.document()
    assert (told["accounts"], told["plans"]) == (16, {"default": 16})
    assert "members" not in told


def test_a_campaign_is_found_by_any_of_its_names(dealt: World) -> None:
    found = complete(campaigns(dealt.engine, dealt.now))

    for name in (found[0].id, *(tie.code for tie in found[0].ties)):
        assert named(found, name) is found[0]
    assert named(found, "g-0") is None


def test_groups_are_of_one_hand_from_half_of_the_smaller_on() -> None:
    sizes = [100, 10, 10, 40, 0]
    shared = Counter({(0, 1): 5, (0, 2): 4, (1, 3): 2})

    assert sorted(map(sorted, _hands(sizes, shared))) == [[0, 1], [2], [3]]
    chained = Counter({(0, 1): 9, (1, 3): 5})
    assert sorted(map(sorted, _hands(sizes, chained))) == [[0, 1, 3], [2]]


def test_a_campaign_is_shown_by_a_tie_whose_evidence_decides_what_is_done(dealt: World) -> None:
    engine = dealt.engine
    [found] = complete(campaigns(engine, dealt.now))
    easy = found.lead(engine)
    assert easy is not None
    assert easy.group.kind.textual
    others = [one for one in engine.state.actors.values() if one is not easy]

    engine.state.actors[easy.group.key] = replace(easy, signals=[])
    try:
        shown = found.lead(engine)
        assert shown in others
        assert found.lead(engine, easy.group.code) is not shown
    finally:
        engine.state.actors[easy.group.key] = easy
