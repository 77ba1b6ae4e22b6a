"""The proving ground itself, small: text of its own making, the product's own command."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
Worlds = dict[str, Any]
WORLDS = "no campaign,50 accounts@mimic"


@pytest.fixture(scope="module")
def worlds() -> Worlds:
    command = [sys.executable, "-m", "benchmarks.detection", "--quick", "--json"]
    command += ["--corpus", "", "--seeds", "1", "--worlds", WORLDS]
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
