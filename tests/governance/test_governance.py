from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from distillgate.account.habit import Surge
from distillgate.actions.effect import Effect
from distillgate.gate import Gate
from distillgate.governance.audit import AuditSettings, read
from distillgate.governance.governance import Governance, GovernanceSettings
from distillgate.governance.webhook import WebhookSettings
from distillgate.policy.decision import Action, Decision, Reason
from distillgate.risk.nearing import Nearing
from distillgate.telemetry import LogSettings, Telemetry, TelemetrySettings
from distillgate_lab.upstream.app import upstream

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from pathlib import Path

    from tests.conftest import Serving

DECISION: dict[str, Any] = {
    "account": "a-1",
    "risk": 7.0,
    "families": {"linkage": 4.0, "harvest": 3.0},
    "reasons": (Reason("work_list", "harvest", 3.0, "600 different texts of 450"),),
    "group": "g-1",
    "code": "suspected_extraction",
    "expires": 99.0,
    "change": "restricted",
    "enforced": True,
}


EFFECT = Effect("dg-1", "ref-12345678", "changed", "suspicion", 200, None, ("route",), 12, 40)


DEED: dict[str, Any] = {
    "account": "a-1",
    "reference": "dg-1",
    "client_reference": "ref-12345678",
    "action": "degrade",
    "cause": "suspicion",
    "limit": "",
    "risk": 7.0,
    "outcome": {
        "result": "changed",
        "status": 200,
        "measures": ["route"],
        "input_tokens": 12,
        "output_tokens": 40,
    },
}


class Desk:
    """A governance with a file, and what it wanted done beside the requests."""

    def __init__(self, path: Path, url: str | None = None) -> None:
        self.path = path
        self.spawned = 0
        self.full = False
        self.telemetry = Telemetry(TelemetrySettings(log=LogSettings(level="off")))
        settings = GovernanceSettings(
            audit=AuditSettings(path=str(path)),
            webhook=WebhookSettings(url=SecretStr(url) if url else None),
        )
        self.governance = Governance(settings, self.telemetry, clock=lambda: 5.0, spawn=self.spawn)

    def spawn(self, work: Coroutine[Any, Any, object]) -> bool:
        work.close()
        self.spawned += 1
        return not self.full

    def lines(self) -> list[dict[str, Any]]:
        self.governance.audit.close()
        return list(read(self.path)) if self.path.exists() else []


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "audit"


def test_a_restriction_is_kept_with_its_evidence_end_and_author(path: Path) -> None:
    desk = Desk(path)

    desk.governance.ended(Decision(action=Action.DEGRADE, **DECISION), EFFECT)

    assert desk.lines() == [
        {
            "ts": 5.0,
            "event": "restricted",
            "by": "ladder",
            **DEED,
            "code": "suspected_extraction",
            "enforced": True,
            "spared": "",
            "expires": 99.0,
            "group": "g-1",
            "families": {"linkage": 4.0, "harvest": 3.0},
            "evidence": [
                {
                    "signal": "work_list",
                    "family": "harvest",
                    "llr": 3.0,
                    "text": "600 different texts of 450",
                }
            ],
        }
    ]


def test_what_a_restricted_account_gets_is_kept_without_repeating_the_evidence(path: Path) -> None:
    desk = Desk(path)
    held = Decision(action=Action.DEGRADE, **{**DECISION, "change": ""})

    desk.governance.ended(held, EFFECT)

    assert desk.lines() == [{"ts": 5.0, "event": "acted", "by": "ladder", **DEED}]


def test_what_changes_and_touches_nothing_is_not_kept(path: Path) -> None:
    desk = Desk(path)
    held = Decision(action=Action.DEGRADE, **{**DECISION, "change": "", "enforced": False})

    desk.governance.ended(held, EFFECT._replace(result="answered", measures=()))

    assert desk.lines() == []


@pytest.mark.parametrize(
    ("action", "enforced", "url", "told"),
    [
        (Action.CHALLENGE, True, "http://127.0.0.1:9/", 1),
        (Action.CHALLENGE, False, "http://127.0.0.1:9/", 0),
        (Action.CHALLENGE, True, None, 0),
        (Action.REFUSE, True, "http://127.0.0.1:9/", 0),
    ],
)
def test_who_is_really_challenged_is_told_to_the_operator(
    path: Path, action: Action, enforced: bool, url: str | None, told: int
) -> None:
    desk = Desk(path, url)

    desk.governance.ended(Decision(action=action, **{**DECISION, "enforced": enforced}), EFFECT)

    assert desk.spawned == told


def test_a_challenge_that_finds_too_many_on_their_way_is_counted(path: Path) -> None:
    desk = Desk(path, "http://127.0.0.1:9/")
    desk.full = True

    desk.governance.ended(Decision(action=Action.CHALLENGE, **DECISION), EFFECT)

    assert b'distillgate_failed_open_total{where="webhook"} 1' in desk.telemetry.render()


SURGE = Surge("a-1", 4.0, "m-huge", "chat", 120, 9, 41.26)


def test_a_key_that_may_be_stolen_is_kept_counted_and_posted(path: Path) -> None:
    desk = Desk(path, "http://127.0.0.1:9/")

    desk.governance.notified(SURGE)

    [line] = desk.lines()
    assert (line["event"], line["account"], line["model"], line["days"]) == (
        "unusual_use",
        "a-1",
        "m-huge",
        41.3,
    )
    assert "120 requests within an hour" in line["reason"]
    assert "revoke the key" in line["advice"]
    assert "none" in line["effect"]
    assert b"distillgate_unusual_use_total 1" in desk.telemetry.render()
    assert desk.spawned == 1


@pytest.mark.parametrize(("used", "effect"), [(0.6, "watched"), (1.2, "a day")])
def test_an_operator_that_nears_its_budget_is_told_of_with_a_way_out(
    path: Path, used: float, effect: str
) -> None:
    desk = Desk(path, "http://127.0.0.1:9/")

    desk.governance.notified(Nearing("g-1", 4.0, 14, used, "it took 90,000 of 150,000"))

    [line] = desk.lines()
    assert (line["event"], line["group"], line["accounts"]) == ("actor_budget", "g-1", 14)
    assert effect in line["effect"]
    assert "declare one organisation" in line["advice"]
    assert desk.spawned == 1


def test_without_an_address_nobody_is_posted_to(path: Path) -> None:
    desk = Desk(path)

    desk.governance.notified(SURGE)

    assert (desk.spawned, len(desk.lines())) == (0, 1)


class Inbox:
    """An operator's system that takes what it is told."""

    def __init__(self) -> None:
        self.got: list[Any] = []
        self.told = threading.Event()

    async def take(self, request: Request) -> Response:
        self.got.append(await request.json())
        self.told.set()
        return Response(status_code=204)

    def app(self) -> Starlette:
        return Starlette(routes=[Route("/hook", self.take, methods=["POST"])])


def test_a_running_gate_tells_the_operator_and_goes_on_serving(
    serving: Serving, path: Path
) -> None:
    inbox, now = Inbox(), [1_771_286_400.0]
    gate = Gate(
        upstream(),
        {
            "mode": "enforce",
            "telemetry": {"log": {"destination": str(path)}},
            "governance": {"webhook": {"url": f"{serving(inbox.app()).url}/hook"}},
        },
        clock=lambda: now[0],
    )
    url = serving(gate).url

    def ask(client: httpx2.Client, number: int, model: str) -> int:
        asked = {"model": model, "messages": [{"role": "user", "content": f"Question {number}"}]}
        return client.post(f"{url}/v1/chat/completions", json=asked).status_code

    with httpx2.Client(headers={"authorization": "Bearer sk-1"}, timeout=60) as client:
        for number in range(210):  # a habit of 200 requests in 14 days
            now[0] += 7200.0
            assert ask(client, number, "m-large") == 200
        assert [ask(client, number, "m-huge") for number in range(210, 330)] == [200] * 120

    assert inbox.told.wait(60)
    [document] = inbox.got
    assert (document["event"], document["model"]) == ("unusual_use", "m-huge")
    assert document["requests"] == 100
    assert gate.parts is not None
    assert b"distillgate_unusual_use_total 1" in gate.parts.telemetry.render()


def test_orders_are_kept_with_who_gave_them(path: Path) -> None:
    desk = Desk(path)
    desk.governance.configure(GovernanceSettings())

    desk.governance.event("killed", by="anna", reason="an outage")

    assert desk.lines() == [{"ts": 5.0, "event": "killed", "by": "anna", "reason": "an outage"}]
