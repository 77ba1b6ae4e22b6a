"""What the client got is what log, audit log and metrics say it got."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from tests.asgi.degraded import degraded

from distillgate.gate import Gate
from distillgate.governance.audit import read
from distillgate_lab.upstream.app import upstream
from distillgate_lab.upstream.server import serve

if TYPE_CHECKING:
    from pathlib import Path

CALL = {"model": "m-large", "messages": [{"role": "user", "content": "hello"}]}
OWN = {"x-request-id": "ticket-4711"}
PATH = "/v1/chat/completions"
ONE_A_MINUTE = {"policy": {"plans": {"default": {"requests_per_minute": 1}}}}


class Told:
    """A gate that was asked some calls, and what it tells of them."""

    def __init__(self, folder: Path, config: dict[str, Any], *calls: dict[str, Any]) -> None:
        log, audit = folder / "log", folder / "audit"
        files = {"log": {"destination": str(log)}}, {"audit": {"path": str(audit)}}
        config = config | {"telemetry": files[0], "governance": files[1]}
        gate = Gate(upstream(), config=config, identify=lambda _: "a-1")
        with (
            serve(gate.sidecar()) as address,
            httpx2.Client(base_url=address.url, trust_env=False) as client,
        ):
            self.answers = [client.post(PATH, json=call, headers=OWN) for call in calls]
        assert gate.parts is not None
        self.metrics = gate.parts.telemetry.render().decode()
        lines = [json.loads(line) for line in log.read_bytes().splitlines()]
        self.decisions = [line for line in lines if line["event"] == "decision"]
        self.audit = list(read(audit))


@pytest.fixture
def degrading(tmp_path: Path) -> Told:
    config = degraded(["parameters", "determinism"])
    return Told(tmp_path, config, {**CALL, "logprobs": True}, CALL, {**CALL, "seed": 7})


def test_a_measure_is_told_only_where_it_changed_something(degrading: Told) -> None:
    got = [line["outcome"] for line in degrading.decisions]

    assert [one["result"] for one in got] == ["changed", "changed", "changed"]
    assert [one["measures"] for one in got] == [
        ["parameters"], ["parameters"], ["parameters", "determinism"],
    ]  # fmt: skip
    assert [one["status"] for one in got] == [200, 200, 200]
    assert all(one["output_tokens"] > 0 for one in got)
    assert {line["cause"] for line in degrading.decisions} == {"suspicion"}
    assert 'distillgate_measures_total{measure="determinism"} 1.0' in degrading.metrics
    told = 'distillgate_outcomes_total{cause="suspicion",result="changed"} 3.0'
    assert told in degrading.metrics


def test_every_changed_answer_names_a_reference_that_log_and_audit_know(degrading: Told) -> None:
    shown = [answer.headers["x-distillgate-reference"] for answer in degrading.answers]

    assert len(set(shown)) == 3, "the client sent one id three times"
    assert [line["reference"] for line in degrading.decisions] == shown
    assert [line["reference"] for line in degrading.audit] == shown
    assert [line["event"] for line in degrading.audit] == ["restricted", "acted", "acted"]
    assert {line["client_reference"] for line in degrading.audit} == {"ticket-4711"}
    assert "evidence" in degrading.audit[0]
    assert "evidence" not in degrading.audit[1]


def test_a_plans_limit_is_no_suspicion(tmp_path: Path) -> None:
    told = Told(tmp_path, {"mode": "enforce", **ONE_A_MINUTE}, CALL, CALL)
    refused = told.answers[1]

    assert [answer.status_code for answer in told.answers] == [200, 429]
    [line] = told.decisions
    assert (line["cause"], line["limit"]) == ("budget", "requests")
    assert line["outcome"] == {
        "result": "throttled",
        "status": 429,
        "retry_after": float(refused.headers["retry-after"]),
    }
    assert refused.headers["x-request-id"] == line["reference"]
    assert line["reference"] in refused.json()["error"]["message"]
    assert 'outcomes_total{cause="budget",result="throttled"} 1.0' in told.metrics
    assert 'outcomes_total{cause="none",result="answered"} 1.0' in told.metrics


def test_in_shadow_mode_the_cause_is_told_of_what_was_answered(tmp_path: Path) -> None:
    config = degraded(["parameters"]) | {"mode": "shadow"}

    told = Told(tmp_path, config, {**CALL, "logprobs": True})

    [line] = told.decisions
    assert (line["cause"], line["outcome"]["result"]) == ("suspicion", "answered")
    assert "measures" not in line["outcome"]
    assert 'distillgate_spared_total{reason="shadow"} 1.0' in told.metrics
    assert "x-distillgate-reference" not in told.answers[0].headers
    [kept] = told.audit
    assert (kept["event"], kept["enforced"]) == ("restricted", False)
