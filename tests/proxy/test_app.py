"""The sidecar's own paths are its own; everything else is the gate's."""

from typing import Any

import pytest
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient

from distillgate.proxy.app import Sidecar


async def gate(scope: Any, receive: Any, send: Any) -> None:
    await PlainTextResponse(f"gate {scope['path']}")(scope, receive, send)


def test_it_is_healthy_while_it_runs_and_ready_when_its_parts_are() -> None:
    warm: list[bool] = []
    client = TestClient(Sidecar(gate, ready=lambda: bool(warm)))
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 503
    warm.append(True)
    assert client.get("/readyz").status_code == 200


def test_it_is_healthy_but_not_ready_while_it_drains() -> None:
    app = Sidecar(gate)
    client = TestClient(app)
    assert client.get("/readyz").status_code == 200
    app.draining = True
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 503
    assert client.head("/readyz").text == ""


def test_it_is_ready_and_says_so_while_lines_are_lost() -> None:
    losing: list[str] = []
    client = TestClient(Sidecar(gate, losing=lambda: losing))
    assert client.get("/readyz").text == "ready\n"
    losing += ["log", "audit"]
    found = client.get("/readyz")
    assert (found.status_code, found.text) == (200, "ready, degraded: lines are lost: log, audit\n")


@pytest.mark.parametrize("path", ["/", "/healthzz", "/v1/models", "/distillgated", "/distillgate"])
def test_everything_else_is_the_gates(path: str) -> None:
    assert TestClient(Sidecar(gate)).get(path).text == f"gate {path}"
