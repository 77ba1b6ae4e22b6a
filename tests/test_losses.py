"""Lines that cannot be written are counted and told, and nobody's request waits for them."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from distillgate.gate import Gate
from distillgate.losses import Losses
from distillgate_lab.upstream.app import upstream

KEY = {"authorization": "Bearer operator"}
CALL = {"model": "m-large", "messages": [{"role": "user", "content": "hello"}]}


def eventually(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60.0
    while not condition():
        assert time.monotonic() < deadline, "it never became true"
        time.sleep(0.01)


def test_losses_are_counted_by_whoever_is_told() -> None:
    losses, counted = Losses(), list[int]()
    losses.add(1)
    losses.count = counted.append
    losses.add(2)

    assert losses.failing
    assert counted == [2]


@pytest.mark.parametrize(
    ("file", "settings"),
    [
        ("audit", {"governance": {"audit": {"path": "/dev/full"}}}),
        ("log", {"telemetry": {"log": {"destination": "/dev/full"}}}),
        ("log", {"telemetry": {"log": {"destination": "/no/such/folder/log"}}}),
    ],
)
def test_a_gate_that_loses_lines_serves_and_says_so(file: str, settings: dict[str, Any]) -> None:
    gate = Gate(upstream(), {"admin": {"key": "operator"}, **settings})
    with TestClient(gate.sidecar()) as client:
        order = {"reason": "a trial", "by": "anna"}
        assert client.post("/distillgate/kill", json=order, headers=KEY).status_code == 200
        told = f"ready, degraded: lines are lost: {file}\n"
        eventually(lambda: client.get("/readyz").text == told)

        assert client.get("/readyz").status_code == 200
        assert client.post("/v1/chat/completions", json=CALL).status_code == 200
        metrics = client.get("/distillgate/metrics", headers=KEY).text
        assert f'distillgate_lost_lines_total{{file="{file}"}} ' in metrics


def test_a_traffic_log_that_cannot_be_opened_is_lost_from_the_start(tmp_path: Path) -> None:
    gate = Gate(upstream(), {"record": {"path": str(tmp_path / "no" / "such" / "log.jsonl")}})
    with TestClient(gate.sidecar()) as client:
        client.post("/v1/chat/completions", json=CALL)
        assert client.get("/readyz").text == "ready, degraded: lines are lost: record\n"
