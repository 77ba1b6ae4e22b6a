"""From a challenge to its lift, through a real gate, a real SDK and a real webhook."""

import threading
from pathlib import Path
from typing import Any

import httpx2
import openai
import orjson
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from tests.conftest import Serving

from distillgate.gate import Gate
from distillgate.governance.audit import read
from distillgate_lab.upstream.app import upstream

KEY = {"authorization": "Bearer operator"}
CHAT: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "hello"}]}


class Desk:
    """The operator's own system: it hears of challenges."""

    def __init__(self) -> None:
        self.heard = threading.Event()
        self.documents: list[dict[str, Any]] = []

    async def take(self, request: Request) -> Response:
        self.documents.append(orjson.loads(await request.body()))
        self.heard.set()
        return Response()

    def app(self) -> Starlette:
        return Starlette(routes=[Route("/", self.take, methods=["POST"])])


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def audit(tmp_path: Path) -> Path:
    return tmp_path / "audit"


@pytest.fixture
def gate(serving: Serving, desk: Desk, audit: Path) -> str:
    config = {
        "mode": "enforce",
        "admin": {"key": "operator"},
        "policy": {
            "ladder": {"challenge": -1.0, "hard_families": 0},
            "enforcement": {"onset_exchanges": 0},
        },
        "actions": {"challenge": {"link": "https://example.com/verify?r={reference}"}},
        "governance": {
            "audit": {"path": str(audit)},
            "webhook": {"url": f"{serving(desk.app()).url}/"},
        },
        "telemetry": {"log": {"level": "off"}},
    }
    return serving(Gate(upstream(), config, identify=lambda _: "acme/1").sidecar()).url


def kept(audit: Path) -> list[str]:
    """Read the events of an audit log, once its writer has come to the end."""
    deadline = threading.Event()
    for _ in range(200):
        events = [line["event"] for line in read(audit)]
        if len(events) >= 4:
            return events
        deadline.wait(0.05)
    return [line["event"] for line in read(audit)]


def test_a_challenged_account_gets_a_link_and_goes_on_once_it_is_lifted(
    gate: str, desk: Desk, audit: Path
) -> None:
    with openai.OpenAI(base_url=f"{gate}/v1", api_key="sk-1", max_retries=0) as client:
        for _ in range(2):
            with pytest.raises(openai.PermissionDeniedError) as denied:
                client.chat.completions.create(**CHAT)
        assert denied.value.code == "verification_required"
        link = f"https://example.com/verify?r={denied.value.request_id}"
        assert link in denied.value.message
        assert desk.heard.wait(20)

        done = httpx2.post(
            f"{gate}/distillgate/accounts/acme/1/lift",
            json={"reason": "verified by mail", "by": "anna"},
            headers=KEY,
            trust_env=False,
        )
        assert done.status_code == 200
        assert client.chat.completions.create(**CHAT).choices

    [document] = desk.documents
    assert document["event"] == "challenged"
    assert document["account"] == "acme/1"
    assert document["action"] == "challenge"
    assert kept(audit) == ["restricted", "acted", "lifted", "exempted"]
