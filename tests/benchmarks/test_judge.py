"""A designed world, small, of generated text: judged in a branch and by the product's command."""

import gzip
import hashlib
import heapq
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from benchmarks.detection.judge import Judge, Part
from benchmarks.detection.log import Writer, time_of
from benchmarks.detection.score import Score
from benchmarks.detection.workers import Workers
from benchmarks.detection.world import Ground

from distillgate_lab.scenarios.campaigns import CAMPAIGNS
from distillgate_lab.scenarios.campaigns.ring import run
from distillgate_lab.scenarios.honest import CLASSES

KIND = "50 accounts"


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    return Ground.prepare(None, "all", 0.01, tmp_path_factory.mktemp("ground"))


@pytest.fixture(scope="module")
def parts(ground: Ground) -> tuple[Part, Part]:
    """Write chat users and a campaign: fewer classes than a whole population has."""
    people, guilty = (ground.directory / f"{name}.jsonl.gz" for name in ("people", "guilty"))
    writer = Writer(people)
    scene = ground.scene("1/honest", writer, campaign=False)
    scene.label = "chat users"
    CLASSES["chat users"].write(scene, 60)
    writer.close()
    campaign = Writer(guilty)
    ring = ground.scene("1/guilty", campaign, campaign=True)
    ring.label = KIND
    run(ring, replace(CAMPAIGNS[KIND], each=20), "mimic")
    campaign.close()
    return Part(people, scene.labels), Part(guilty, ring.labels, campaign.start)


@pytest.fixture(scope="module")
def score(ground: Ground, parts: tuple[Part, Part]) -> Score:
    people, campaign = parts
    workers = Workers(1, ground.directory, lambda _name, _found: None)
    Judge(people, None).branch([(KIND, campaign)], workers)
    ((_, found),) = workers.results()
    assert isinstance(found, Score)
    return found


def test_a_campaign_on_one_template_is_seen_whatever_its_infrastructure(score: Score) -> None:
    campaign = score.campaigns[KIND]

    assert campaign.accounts == 50
    assert campaign.recall >= 0.95
    assert campaign.alarm is not None
    assert campaign.alarm <= 1000
    assert score.everyone.restricted == 0


def test_a_world_that_branched_off_is_judged_as_the_command_judges_its_whole_log(
    score: Score, parts: tuple[Part, Part], tmp_path: Path
) -> None:
    people, campaign = parts
    whole, decisions = tmp_path / "whole.jsonl", tmp_path / "decisions.jsonl"
    with gzip.open(people.log) as honest, gzip.open(campaign.log) as other, whole.open("wb") as out:
        out.writelines(heapq.merge(honest, other, key=lambda line: time_of(bytes(line))))

    command = [sys.executable, "-m", "distillgate", "replay", str(whole), "--out", str(decisions)]
    subprocess.run(command, check=True, capture_output=True)

    assert hashlib.blake2b(decisions.read_bytes(), digest_size=16).hexdigest() == score.digest
