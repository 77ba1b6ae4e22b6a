"""A campaign in the log does not disarm what is fitted to it, or the command refuses."""

import heapq
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from distillgate.cli.calibrate import objection
from distillgate.cli.fitting import Fit, fit
from distillgate.config.schema import Config
from distillgate.scenarios import generated, honest
from distillgate.scenarios.campaigns import CAMPAIGNS
from distillgate.scenarios.campaigns.ring import run
from distillgate.scenarios.scene import Scene
from distillgate.scenarios.words import Vocabulary

HONEST = 0.008
"""Of 20,000; every class at least twice."""
DAYS = 14
BEARABLE = 0.03

Lines = list[dict[str, Any]]


@pytest.fixture(scope="module")
def world() -> tuple[Lines, Lines]:
    """Exchanges of some 200 honest accounts, and of a campaign of 60."""
    corpus = generated.corpus()
    texts = corpus, Vocabulary(corpus.texts())
    people: Lines = []
    honest.populate(Scene(*texts, "1/honest", people.append, campaign=False, days=DAYS), HONEST)
    guilty: Lines = []
    scene = Scene(*texts, "1/guilty", guilty.append, campaign=True, days=DAYS)
    run(scene, replace(CAMPAIGNS["500 accounts"], accounts=60), "mimic")
    return sorted(people, key=_ts), sorted(guilty, key=_ts)


def _ts(line: dict[str, Any]) -> float:
    return float(line["ts"])


def fitted(path: Path, *parts: Lines, config: Config | None = None) -> Fit:
    with path.open("wb") as out:
        for line in heapq.merge(*parts, key=_ts):
            out.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
    return fit(path, config or Config(), budget=1e-3, contamination=BEARABLE)


def names(lines: Lines) -> set[str]:
    return {line["account"] for line in lines}


def after(found: Fit) -> set[str]:
    return {name for name, left in found.left.items() if left <= 0}


def test_a_campaign_is_named_and_left_out_and_the_log_refused(
    world: tuple[Lines, Lines], tmp_path: Path
) -> None:
    people, guilty = world

    found = fitted(tmp_path / "log.jsonl", people, guilty)

    before = {peak.name for peak in found.restricted}
    assert len(before & names(guilty)) >= 57
    assert before <= {peak.name for peak in found.left_out}
    assert not any(peak.group is None for peak in found.restricted)
    assert "--contamination 0.03 bears" in objection(found, BEARABLE)
    assert after(found) >= before, "with --force the campaign is restricted all the same"
    assert found.acquitted == []


def test_honest_accounts_are_fitted_to_and_none_is_restricted(
    world: tuple[Lines, Lines], tmp_path: Path
) -> None:
    people, _ = world

    found = fitted(tmp_path / "log.jsonl", people)

    assert objection(found, BEARABLE) == ""
    assert (found.restricted, after(found)) == ([], set())
    assert found.calibration.everyone.accounts >= 0.9 * len(names(people))


def test_who_is_exempted_counts_for_neither_side(
    world: tuple[Lines, Lines], tmp_path: Path
) -> None:
    people, guilty = world
    theirs = [{**line, "plan": "research"} for line in guilty]
    plans = {"policy": {"plans": {"named": {"research": {"exempt": True}}}}}

    found = fitted(tmp_path / "log.jsonl", people, theirs, config=Config.model_validate(plans))

    assert found.restricted == []
    assert objection(found, BEARABLE) == ""
    assert names(guilty) <= {peak.name for peak in found.left_out}
