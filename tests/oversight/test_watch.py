"""A campaign is told when it appears, when it is half as large again, and when it ends."""

from distillgate.oversight.campaigns import Campaign, Tie
from distillgate.oversight.watch import CampaignWatch


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
