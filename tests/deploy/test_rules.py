"""The alert rules: each fires on what it is for, and stays silent without it."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from distillgate.telemetry.metrics import Metrics

DEPLOY = Path(__file__).parents[2] / "deploy"
RULES = DEPLOY / "prometheus-rules.yaml"
PROMTOOL = shutil.which("promtool")
UP = {'distillgate_build_info{version="1"}': "1x120"}
COUNTS = 'distillgate_outcomes_total{{cause="{}",result="{}"}}'
ANSWERED = COUNTS.format("none", "answered")
HASH = 'distillgate_config_hash{{instance="{}"}}'
UNREAD = 'distillgate_unread_total{reason="headers"}'

needs_promtool = pytest.mark.skipif(
    PROMTOOL is None, reason="promtool is missing: apt-get install prometheus"
)

CASES: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "DistillgateGone": ({'distillgate_build_info{version="1"}': "_x120"}, {}),
    "DistillgateFailingOpen": (
        {'distillgate_failed_open_total{where="judge"}': "0x110 1x10"},
        {'distillgate_failed_open_total{where="judge"}': "0x120"},
    ),
    "DistillgateLoopHeldUp": (
        {"distillgate_loop_lag_seconds": "0.5x120"},
        {"distillgate_loop_lag_seconds": "0.01x120"},
    ),
    "DistillgateDecidesSlowly": (
        {
            'distillgate_decision_seconds_bucket{le="0.01"}': "0+90x120",
            'distillgate_decision_seconds_bucket{le="0.025"}': "0+100x120",
            'distillgate_decision_seconds_bucket{le="+Inf"}': "0+100x120",
        },
        {
            'distillgate_decision_seconds_bucket{le="0.01"}': "0+100x120",
            'distillgate_decision_seconds_bucket{le="+Inf"}': "0+100x120",
        },
    ),
    "DistillgateUpstreamFails": (
        {'distillgate_upstream_errors_total{kind="connect"}': "0+60x120"},
        {'distillgate_upstream_errors_total{kind="request"}': "0+60x120"},
    ),
    "DistillgateActsOnMany": (
        {COUNTS.format("suspicion", "throttled"): "0+5x120", ANSWERED: "0+100x120"},
        {COUNTS.format("suspicion", "answered"): "0+50x120", ANSWERED: "0+100x120"},
    ),
    "DistillgateKilled": ({"distillgate_killed": "1x120"}, {"distillgate_killed": "0x120"}),
    "DistillgateReloadFailed": (
        {"distillgate_config_reload_failed": "1x120"},
        {"distillgate_config_reload_failed": "0x120"},
    ),
    "DistillgateConfigurationsDiffer": (
        {HASH.format("a"): "7x120", HASH.format("b"): "8x120"},
        {HASH.format("a"): "7x120", HASH.format("b"): "7x120"},
    ),
    "DistillgateLosesLines": (
        {'distillgate_lost_lines_total{file="audit"}': "0x110 3x10"},
        {'distillgate_lost_lines_total{file="audit"}': "0x120"},
    ),
    "DistillgateAlone": (
        {"distillgate_log_local": "1x120", "distillgate_log_kept": "1x120"},
        {"distillgate_log_local": "1x120", "distillgate_log_kept": "0x120"},
    ),
    "DistillgateForgets": (
        {"distillgate_accounts_evicted": "0+1x120"},
        {"distillgate_accounts_evicted": "9x120"},
    ),
    "DistillgateAccessRefused": (
        {'distillgate_access_refused_total{why="wrong_key"}': "0x100 0+5x20"},
        {
            'distillgate_access_refused_total{why="anonymous"}': "0+50x120",
            'distillgate_access_refused_total{why="forged"}': "0x110 1x10",
        },
    ),
    "DistillgateUnread": (
        {UNREAD: "0+9x120", ANSWERED: "0+100x120"},
        {UNREAD: "0+1x120", ANSWERED: "0+100x120"},
    ),
}  # fmt: skip
"""Series of two hours, a sample a minute: with which an alert fires, and does not."""


def alerts() -> dict[str, str]:
    """Return the alerts' expressions."""
    (group,) = yaml.safe_load(RULES.read_text())["groups"]
    return {rule["alert"]: rule["expr"] for rule in group["rules"]}


def test_every_alert_is_tried() -> None:
    assert set(CASES) == set(alerts())


def _families() -> set[str]:
    text = Metrics().render().decode()
    return set(re.findall(r"(?m)^(distillgate_\w+)[ {]", text))


@pytest.mark.parametrize("alert", list(CASES))
def test_an_alert_asks_for_metrics_that_stand_there_from_the_start(alert: str) -> None:
    asked = set(re.findall(r"distillgate_\w+", alerts()[alert]))

    assert asked - _families() == set()


def test_the_dashboard_asks_for_metrics_that_there_are() -> None:
    board = json.loads((DEPLOY / "grafana-dashboard.json").read_text())
    asked = [target["expr"] for panel in board["panels"] for target in panel.get("targets", ())]

    assert len(board["panels"]) >= 10
    assert set(re.findall(r"distillgate_\w+", " ".join(asked))) - _families() == set()


@needs_promtool
def test_promtool_finds_nothing_wrong_with_the_metrics() -> None:
    ended = subprocess.run(
        [PROMTOOL or "", "check", "metrics"],
        input=Metrics().render(), capture_output=True, check=False, timeout=120,
    )  # fmt: skip

    assert (ended.returncode, ended.stdout, ended.stderr) == (0, b"", b"")


@needs_promtool
@pytest.mark.parametrize("fires", [True, False], ids=["fires", "silent"])
@pytest.mark.parametrize("alert", list(CASES))
def test_an_alert_fires_and_stays_silent(alert: str, tmp_path: Path, *, fires: bool) -> None:
    firing, silent = CASES[alert]
    series = {
        **({} if alert == "DistillgateGone" and fires else UP),
        **(firing if fires else silent),
    }
    test: dict[str, Any] = {
        "interval": "1m",
        "input_series": [{"series": name, "values": values} for name, values in series.items()],
        "promql_expr_test": [
            {
                "expr": f'count(ALERTS{{alertname="{alert}",alertstate="firing"}}) or vector(0)',
                "eval_time": "115m",
                "exp_samples": [{"value": 1 if fires else 0}],
            }
        ],
    }
    path = tmp_path / "test.yaml"
    path.write_text(
        yaml.safe_dump({"rule_files": [str(RULES)], "evaluation_interval": "1m", "tests": [test]})
    )

    ended = subprocess.run(
        [PROMTOOL or "", "test", "rules", path],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert ended.returncode == 0, ended.stdout + ended.stderr
