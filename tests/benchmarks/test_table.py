"""The tables say what is due and whether it is so."""

from benchmarks.detection import table
from benchmarks.detection.null import NULLS
from benchmarks.detection.rates import Linked, Rate, stated
from benchmarks.detection.score import Outcome, Score
from benchmarks.detection.world import World

CLEAN = Outcome(accounts=1000, exchanges=5000, full=5000)
CAUGHT = Outcome(accounts=50, restricted=50, exchanges=500, full=20, alarm=9)


def test_a_good_run_says_yes_to_everything() -> None:
    alone = Score(honest={"chat users": CLEAN}, rates={"one_subject": Rate(1, 400)})
    beside = Score(honest={"chat users": CLEAN}, campaigns={"slow": CAUGHT})

    written = table.write([(World(1), alone), (World(1, "slow", "mimic"), beside)])

    assert "NO " not in written
    assert written.count("\nyes ") == 5
    assert "-    no detector beyond its stated rate on permuted worlds (not played)" in written
    assert "1 of 400   0.25%" in written


def test_everything_that_is_not_as_it_should_be_is_named() -> None:
    wronged = Outcome(accounts=1000, restricted=9, exchanges=5000, full=4900)
    fired = {"one_subject": Rate(90, 100), "one_clock": Rate(1, 2), "links": Rate(1, 1)}
    crowd = Linked("system prompt", prompt=True, honest=60, campaign=2, reached=7)
    null = Score(honest={"chat users": wronged}, rates=fired, linked=[crowd])
    beside = Score(honest={"chat users": wronged}, campaigns={"slow": CAUGHT})

    written = table.write([(World(1, NULLS[0]), null), (World(1, "slow", "mimic"), beside)])

    assert written.count("\nNO ") + written.startswith("NO ") == 6
    assert "60 independent users of one system prompt" in written
    (line,) = (line for line in written.splitlines() if "BEYOND" in line)
    assert line.startswith("one_subject")


def test_a_campaigns_group_is_wrong_only_where_it_reaches_a_crowd_of_the_honest() -> None:
    group = Linked("system prompt", prompt=True, honest=2000, campaign=300, reached=3)

    assert not group.wrong
    assert group._replace(reached=50).wrong
    assert not group._replace(reached=50, prompt=False).wrong
    assert group._replace(campaign=0).wrong


def test_a_detectors_rate_is_at_most_what_its_threshold_says() -> None:
    assert 0.135 < stated("any other") < 0.136
