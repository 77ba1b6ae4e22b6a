from collections import Counter
from pathlib import Path

from benchmarks.detection.rates import Linked, Rate
from benchmarks.detection.results import Results
from benchmarks.detection.score import Outcome, Score
from benchmarks.detection.world import World

SCORE = Score(
    honest={"chat users": Outcome(accounts=9, restricted=1, exchanges=90, full=89)},
    campaigns={"slow": Outcome(accounts=5, restricted=5, exchanges=50, full=7, alarm=6)},
    reasons={"chat users": Counter({"links": 1})},
    digest="ab",
    rates={"links": Rate(1, 8)},
    linked=[Linked("system prompt", True, 3, 5, 0)],
)
SLOW = World(1, "slow", "mimic")


def test_what_finished_is_there_after_the_run_was_cut_off(tmp_path: Path) -> None:
    file = tmp_path / "results"
    Results(file, "held 0.1").add(SLOW, SCORE)
    with file.open("ab") as cut:
        cut.write(b'{"ground":"held')

    again = Results(file, "held 0.1")
    again.add(World(1), Score())

    assert SLOW in again
    assert again[SLOW] == SCORE
    assert isinstance(again[SLOW].reasons["chat users"], Counter)
    assert World(1) in Results(file, "held 0.1")


def test_what_another_ground_came_to_is_played_again(tmp_path: Path) -> None:
    Results(tmp_path / "results", "held 0.1").add(SLOW, SCORE)

    assert SLOW not in Results(tmp_path / "results", "held 1.0")


def test_without_a_file_results_are_kept_for_the_run() -> None:
    results = Results(None, "held 0.1")
    results.add(SLOW, SCORE)
    results.add(SLOW, Score())

    assert results[SLOW] is SCORE
