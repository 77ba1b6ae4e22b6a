"""A campaign in the log does not disarm what is fitted to it, or the command refuses."""

import heapq
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from tests.cli.conftest import Run

from distillgate.cli.calibrate import objection
from distillgate.cli.fitting import Fit, Peaks, fit
from distillgate.config.schema import Config
from distillgate.policy.decision import EXEMPT, Decision, Reason
from distillgate_lab.scenarios import generated, honest
from distillgate_lab.scenarios.campaigns import CAMPAIGNS, ring
from distillgate_lab.scenarios.scene import Scene
from distillgate_lab.scenarios.words import Vocabulary

HONEST = {"chat users": 100, "users of popular tools": 60, "offices and universities": 20}
GUILTY = 40
DAYS = 14
BEARABLE = 0.03

pytestmark = pytest.mark.timeout(900)

Lines = list[dict[str, Any]]
World = tuple[Lines, Lines]


@pytest.fixture(scope="module")
def world() -> World:
    """Exchanges of some 170 honest accounts, and of a campaign."""
    corpus = generated.corpus()
    texts = corpus, Vocabulary(corpus.texts())
    people: Lines = []
    scene = Scene(*texts, "1/honest", people.append, campaign=False, days=DAYS)
    for name, count in HONEST.items():
        honest.CLASSES[name].write(scene, count)
    guilty: Lines = []
    scene = Scene(*texts, "1/guilty", guilty.append, campaign=True, days=DAYS)
    ring.run(scene, replace(CAMPAIGNS["500 accounts"], accounts=GUILTY), "mimic")
    return sorted(people, key=_ts), sorted(guilty, key=_ts)


def _ts(line: dict[str, Any]) -> float:
    return float(line["ts"])


def written(path: Path, *parts: Lines) -> None:
    with path.open("wb") as out:
        for line in heapq.merge(*parts, key=_ts):
            out.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))


def fitted(path: Path, *parts: Lines, config: Config | None = None) -> Fit:
    written(path, *parts)
    return fit(path, config or Config(), budget=1e-3, contamination=BEARABLE)


def names(lines: Lines) -> set[str]:
    return {line["account"] for line in lines}


def after(found: Fit) -> set[str]:
    return {name for name, left in found.left.items() if left <= 0}


def test_a_campaign_is_named_left_out_and_restricted_after_as_before(
    world: World, tmp_path: Path
) -> None:
    people, guilty = world

    found = fitted(tmp_path / "log.jsonl", people, guilty)

    before = {peak.name for peak in found.restricted}
    assert len(before & names(guilty)) >= 0.95 * GUILTY
    assert before - names(guilty) == set()
    assert before <= {peak.name for peak in found.left_out}
    assert {peak.group for peak in found.restricted}.isdisjoint({None})
    assert "--contamination 0.03 bears" in objection(found, BEARABLE)
    assert objection(found, 0.5) == ""
    assert after(found) >= before
    assert found.acquitted == []


def test_the_command_fails_and_writes_nothing_unless_it_is_forced(
    world: World, tmp_path: Path, run: Run
) -> None:
    log, out = tmp_path / "log.jsonl", tmp_path / "calibration.json"
    written(log, *world)

    ended = run("calibrate", log, "--out", out)

    assert (ended.code, out.exists()) == (1, False)
    assert "Nothing is written" in ended.err
    assert "it acquits" not in ended.out
    forced = run("calibrate", log, "--out", out, "--force", "--json")
    report = json.loads(forced.out)
    assert (forced.code, out.exists(), report["refused"]) == (0, True, None)
    assert report["uncalibrated"]["restricted"] == report["restricted"] >= 0.95 * GUILTY
    assert sum(row["restricted"] for row in report["uncalibrated"]["groups"]) >= 0.95 * GUILTY


def test_honest_accounts_are_fitted_to_and_none_is_restricted(world: World, tmp_path: Path) -> None:
    people, _ = world

    found = fitted(tmp_path / "log.jsonl", people)

    assert objection(found, BEARABLE) == ""
    assert (found.restricted, after(found)) == ([], set())
    assert found.calibration.everyone.accounts >= 0.9 * len(names(people))


def test_who_is_exempted_counts_for_neither_side(world: World, tmp_path: Path) -> None:
    people, guilty = world
    theirs = [{**line, "plan": "research"} for line in guilty]
    plans = {"policy": {"plans": {"named": {"research": {"exempt": True}}}}}

    found = fitted(tmp_path / "log.jsonl", people, theirs, config=Config.model_validate(plans))

    assert found.restricted == []
    assert objection(found, BEARABLE) == ""
    assert {peak.name for peak in found.bare.all() if peak.exempt} <= names(guilty)
    assert names(guilty) <= {peak.name for peak in found.left_out}


def decision(risk: float, *, account: str = "a", **llrs: float) -> Decision:
    reasons = tuple(Reason(name, "harvest", llr, "why") for name, llr in llrs.items())
    return Decision(account=account, risk=risk, reasons=reasons)


def test_the_highest_of_each_signal_and_of_the_whole_are_kept() -> None:
    peaks = Peaks()
    peaks.add(decision(1.0, pace=1.0), "pro/rare")
    peaks.add(decision(3.0, pace=0.5, variants=2.5), "pro/light")
    peaks.add(decision(2.0, pace=2.0), "pro/steady")

    (peak,) = peaks.all()
    assert (peak.risk, peak.kind) == (3.0, "pro/light")
    assert peak.signals == {"pace": 2.0, "variants": 2.5}
    assert peaks.highest["a"].risk == 3.0


def test_an_account_without_evidence_has_a_peak_of_nothing() -> None:
    peaks = Peaks()
    peaks.add(decision(0.0), "free/rare")
    peaks.add(decision(0.0, account="b"), "free/rare")

    assert [(p.name, p.kind, p.risk, p.signals) for p in peaks.all()] == [
        ("a", "free/rare", 0.0, {}),
        ("b", "free/rare", 0.0, {}),
    ]
    assert len(peaks) == 2
    assert peaks.highest == {}


def test_an_account_that_only_ever_had_evidence_for_it_has_a_class_too() -> None:
    peaks = Peaks()
    peaks.add(Decision("a", risk=-1.5), "default/rare")

    assert [(peak.kind, peak.risk) for peak in peaks.all()] == [("default/rare", 0.0)]


def test_a_group_and_an_exemption_are_kept_once_they_were_met() -> None:
    peaks = Peaks()
    peaks.add(Decision("a", risk=1.0, group="g-1"), "pro/rare")
    peaks.add(Decision("a", risk=3.0), "pro/rare")
    peaks.add(Decision("b", risk=3.0, code=EXEMPT), "pro/rare")
    peaks.add(Decision("b", risk=0.0), "pro/rare")
    peaks.add(Decision("c", risk=3.0), "pro/rare")

    assert [(p.group, p.exempt, p.fitted) for p in peaks.all()] == [
        ("g-1", False, False),
        (None, True, False),
        (None, False, True),
    ]
