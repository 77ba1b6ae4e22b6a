"""The report names what is wrong and what it depends on."""

from typing import Any

import msgspec
from benchmarks.detection import free
from benchmarks.detection.drawn import report
from benchmarks.detection.drawn.parameters import CampaignHabits, CompanyHabits, WorldHabits
from benchmarks.detection.drawn.play import Found, Played
from benchmarks.detection.drawn.priors import draw
from benchmarks.detection.rates import Linked, Rate, stated
from benchmarks.detection.score import Outcome

CLEAN = Outcome(accounts=100, exchanges=500, full=500)
WRONGED = Outcome(accounts=10, restricted=9, exchanges=50, full=20)
SEEN = Outcome(accounts=50, restricted=50, exchanges=500, full=20, alarm=9)
MISSED = Outcome(accounts=50, exchanges=500, full=500)


def habits(of: type[Any], seed: str, **held: Any) -> dict[str, Any]:
    found = draw(of, seed, **held)
    return {name: getattr(found, name) for name in of.__struct_fields__}


def world(index: int, *, permuted: str = "nothing", **rest: Any) -> Played:
    drawn = habits(WorldHabits, str(index), permuted=permuted)
    load = "even" if index % 2 else "dirichlet"
    campaign = {**habits(CampaignHabits, str(index), load=load), "kind": "bare"}
    outcome = MISSED if load == "dirichlet" else SEEN
    company = habits(CompanyHabits, str(index), one_card=1.0 if index % 2 else 0.0)
    wronged = CLEAN if index % 2 else WRONGED
    found = [Found("campaign 0", campaign, outcome, 500)] if permuted == "nothing" else []
    honest = [Found("chat users", {}, CLEAN), Found("undeclared companies#0", company, wronged)]
    fields = {"rates": {}, "linked": [], "digest": "", "exchanges": 1_000, "writing": 1.0}
    return Played(index, drawn, honest, found, replaying=2.0, **{**fields, **rest})


def test_a_report_finds_what_misses_and_false_positives_were_made_to_depend_on() -> None:
    written = report.write([world(index) for index in range(40)])

    assert "| bare | 40 | 0.50 | 0.50 | 0.00 | 20 | 0.52 | 0.52 |" in written
    assert "load in (dirichlet): 0.000 (20)" in written
    assert "one_card < 0.5: 0.900 (20)" in written
    assert "- 0.00, 1.00, None, world 0 campaign 0: kind bare" in written
    assert "- 9 of 10, world 0 undeclared companies#0" in written


def test_campaigns_are_told_apart_by_what_they_plan_and_when_they_were_met() -> None:
    small, large = world(0), world(1)
    planned = [msgspec.structs.replace(large.campaigns[0], planned=50_000)]

    written = report.write([small, msgspec.structs.replace(large, campaigns=planned)])

    assert "| from 0 | 1 | 0.00 | 0.00 | 0.00 | 0 | 1.00 | 1.00 | none |" in written
    assert "| from 40,000 | 1 | 1.00 | 1.00 | 1.00 | 1 | 0.00 | 0.00 | 9 (of 1) |" in written
    assert "from 2,000" not in written


def test_a_permuted_world_counts_for_the_detectors_rates_alone() -> None:
    fired = {"one_subject": Rate(90, 100), "one_clock": Rate(1, 2)}
    null = world(2, permuted="clocks", rates=fired)

    written = report.write([world(1), null])

    assert "| one_subject | 90 of 100 BEYOND | 13.5% |" in written
    assert "| one_clock | 1 of 2 | 13.5% |" in written
    assert "9 of 10" not in written


def test_a_crowd_that_is_linked_is_named() -> None:
    crowd = Linked("system prompt", prompt=True, honest=60, campaign=2, reached=7)

    assert "60 independent users of one system prompt" in report.write([world(1, linked=[crowd])])


def test_a_campaigns_group_is_wrong_only_where_it_reaches_a_crowd_of_the_honest() -> None:
    group = Linked("system prompt", prompt=True, honest=2000, campaign=300, reached=3)

    assert not group.wrong
    assert group._replace(reached=50).wrong
    assert not group._replace(reached=50, prompt=False).wrong
    assert group._replace(campaign=0).wrong


def test_a_detectors_rate_is_at_most_what_its_threshold_says() -> None:
    assert 0.135 < stated("any other") < 0.136


def test_a_free_choice_is_compared_with_the_same_campaigns_as_drawn() -> None:
    found = {"as drawn": {1: world(1), 3: world(3)}, "unequal loads": {1: world(0), 3: world(1)}}

    base, changed = free.rows(found)

    assert (base.campaigns, base.recall, base.change) == (2, 1.0, 0.0)
    assert (changed.recall, changed.change, changed.error) == (0.5, -0.5, 0.5)
