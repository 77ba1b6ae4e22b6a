"""The proving ground itself, small: text of its own making, the product's own command."""

import gzip
import hashlib
import heapq
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from benchmarks.detection.log import time_of

ROOT = Path(__file__).parents[2]
Worlds = dict[str, Any]
WORLDS = "no campaign;50 accounts@mimic"


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("worlds")


@pytest.fixture(scope="module")
def worlds(kept: Path) -> Worlds:
    command = [sys.executable, "-m", "benchmarks.detection", "--quick", "--json"]
    command += ["--corpus", "", "--seeds", "1", "--worlds", WORLDS, "--keep", str(kept)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return {world["world"]: world for world in json.loads(done.stdout)["worlds"]}


def test_no_honest_account_is_restricted_where_there_is_no_campaign(worlds: Worlds) -> None:
    honest = worlds["no campaign"]["honest"]

    assert sum(found["accounts"] for found in honest.values()) > 400
    assert {
        name: found["restricted"] for name, found in honest.items() if found["restricted"]
    } == {}


def test_a_campaign_on_one_template_is_seen_whatever_its_infrastructure(worlds: Worlds) -> None:
    campaign = worlds["50 accounts@mimic"]["campaigns"]["50 accounts"]

    assert campaign["accounts"] == 50
    assert campaign["recall"] >= 0.95
    assert campaign["alarm"] <= 1000


def test_a_world_that_branched_off_is_judged_as_the_command_judges_its_whole_log(
    worlds: Worlds, kept: Path
) -> None:
    whole, decisions = kept / "whole.jsonl", kept / "decisions.jsonl"
    with gzip.open(next(kept.glob("honest-1-*.gz"))) as honest:  # noqa: SIM117 - one a line
        with gzip.open(kept / "1-50_accounts@mimic.jsonl.gz") as campaign, whole.open("wb") as out:
            out.writelines(heapq.merge(honest, campaign, key=lambda line: time_of(bytes(line))))

    command = [sys.executable, "-m", "distillgate", "replay", str(whole), "--out", str(decisions)]
    subprocess.run(command, check=True, capture_output=True)

    digest = hashlib.blake2b(decisions.read_bytes(), digest_size=16).hexdigest()
    assert digest == worlds["50 accounts@mimic"]["digest"]
    assert digest != worlds["no campaign"]["digest"]
