"""Drawn worlds, small, of generated text, through the engine itself."""

import gzip
from pathlib import Path

import orjson
import pytest
from benchmarks.detection.__main__ import run
from benchmarks.detection.drawn.play import Played, play
from benchmarks.detection.drawn.population import HONEST, class_of
from benchmarks.detection.drawn.results import Results
from benchmarks.detection.drawn.world import Draw, Texts, write

SMALL = Draw(
    7,
    30,
    40,
    {
        "volume": 0.2,
        "spread": 0.6,
        "days": 14,
        "present": 0.5,
        "campaigns": 1,
        "permuted": "nothing",
        "accounts": 20,
        "each": 5.0,
    },
)


@pytest.fixture(scope="module")
def texts() -> Texts:
    return Texts.read(None, "all")


def test_the_same_seed_and_number_write_the_same_bytes(texts: Texts, tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    logs = []
    for directory in (first, second):
        directory.mkdir()
        world = write(texts, SMALL, 0, directory)
        logs.append(
            (gzip.decompress(world.log.read_bytes()), orjson.dumps(world.campaigns[0].lines))
        )

    assert logs[0] == logs[1]
    assert write(texts, SMALL, 1, first).campaigns[0].lines != world.campaigns[0].lines


def test_every_account_is_of_an_honest_class_or_of_a_campaign(texts: Texts, tmp_path: Path) -> None:
    world = write(texts, SMALL, 0, tmp_path)
    classes = {class_of(label) for label in world.labels.values()}

    assert classes - HONEST == {"campaign 0"}
    assert {"chat users", "users of popular tools"} <= classes
    assert {class_of(label) for label in world.groups} <= HONEST


def test_a_world_is_judged_the_same_every_time(texts: Texts, tmp_path: Path) -> None:
    one, two = (play(texts, SMALL, 2, tmp_path) for _ in range(2))

    assert one.digest == two.digest
    assert [found.outcome for found in one.campaigns] == [f.outcome for f in two.campaigns]
    assert one.exchanges > 100


@pytest.mark.timeout(900)
def test_a_run_that_is_resumed_comes_to_what_an_uninterrupted_one_does(
    texts: Texts, tmp_path: Path
) -> None:
    def ask(index: int, directory: Path) -> Played:
        return play(texts, SMALL, index, directory)

    run(ask, [0], Results(tmp_path / "cut", "small"), 1)
    with (tmp_path / "cut" / "worlds.jsonl").open("ab") as file:
        file.write(b'{"ground":"cut off')
    resumed, whole = Results(tmp_path / "cut", "small"), Results(tmp_path / "whole", "small")
    asked = [index for index in (0, 1) if index not in resumed]
    run(ask, [0, 1], resumed, 1)
    run(ask, [0, 1], whole, 2)

    assert asked == [1]
    assert [one.digest for one in resumed] == [one.digest for one in whole]
    assert [one.honest for one in resumed] == [one.honest for one in whole]
    kept = Results(tmp_path / "cut", "small")
    assert [one.digest for one in kept] == [one.digest for one in whole]


def test_results_of_another_ground_are_not_taken(tmp_path: Path, texts: Texts) -> None:
    played = play(texts, SMALL, 0, tmp_path)
    Results(tmp_path, "one").add(played)

    assert 0 in Results(tmp_path, "one")
    assert list(Results(tmp_path, "one")) == [played]
    assert 0 not in Results(tmp_path, "other")
