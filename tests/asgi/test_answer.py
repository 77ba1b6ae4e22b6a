"""Answers that are changed or held back, message by message, and what is learned of them."""

from __future__ import annotations

import asyncio
import gzip
import json
from typing import TYPE_CHECKING, Any, ClassVar

import httpx2
import pytest
from tests.asgi.conftest import BODY, request
from tests.asgi.degraded import degraded

from distillgate.actions.pace import PaceSettings
from distillgate.actions.plan import Plan
from distillgate.actions.rewrite import WHOLE_LIMIT
from distillgate.dialects.chat import ChatEdit
from distillgate.engine.engine import Engine
from distillgate.gate import Gate
from distillgate.governance.audit import read
from distillgate.wire.event import Event
from distillgate.wire.shorten import ReasoningSettings
from distillgate_lab.upstream.app import upstream
from distillgate_lab.upstream.server import serve

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.types import Message, Receive, Scope, Send
    from tests.asgi.conftest import Echo, Harness

    from distillgate.policy.decision import Decision
    from distillgate.wire.exchange import Exchange, Outcome

USAGE = b'"usage":{"prompt_tokens":3,"completion_tokens":9}'
WHOLE = b'{"choices":[{"message":{"reasoning":"why","content":"so"}}],' + USAGE + b"}"
EMPTIED = WHOLE.replace(b"why", b"")
EVENT = b'data: {"choices":[{"delta":{"reasoning":"why"}}]}\n\n'
STREAM = ((b"content-type", b"text/event-stream"), (b"x-a", b"1"))
JSON = ((b"content-type", b"application/json"), (b"content-length", b"99"), (b"ETag", b"e"))


class Planned(Engine):
    """An engine with one plan, that keeps what it learned."""

    made: Any = Plan

    def __init__(self, *args: Any, **keywords: Any) -> None:
        super().__init__(*args, **keywords)
        self.ended: list[Outcome] = []

    def plan(self, exchange: Exchange, decision: Decision) -> Plan:
        plan: Plan = self.made()
        return plan

    def finish(self, decision: Decision, outcome: Outcome, now: float) -> None:
        super().finish(decision, outcome, now)
        self.ended.append(outcome)


def planned(**plan: Any) -> type[Planned]:
    return type("PlannedSo", (Planned,), {"made": staticmethod(lambda: Plan(**plan))})


def reasoning() -> type[Planned]:
    make = staticmethod(
        lambda: Plan(
            edit=ChatEdit(ReasoningSettings()),
            request_headers=[(b"accept-encoding", b"identity")],
            header="x-note",
            label="degrade",
        )
    )
    return type("Reasoning", (Planned,), {"made": make})


def body(sent: Sequence[Message]) -> bytes:
    return b"".join(message["body"] for message in sent[1:])


def test_a_whole_answer_is_changed_and_its_old_length_dropped(harness: Harness, echo: Echo) -> None:
    echo.chunks, echo.headers = (memoryview(WHOLE)[:20], WHOLE[20:]), JSON
    gate = harness.wrap(echo, engine=reasoning())

    sent = harness.drive(
        gate, headers=[(b"authorization", b"Bearer k"), (b"accept-encoding", b"gzip")]
    )

    assert body(sent) == EMPTIED
    assert sent[0]["headers"] == [JSON[0], (b"x-note", b"degrade; reasoning")]
    assert [h for h in echo.scopes[0]["headers"] if h[0] == b"accept-encoding"] == [
        (b"accept-encoding", b"identity")
    ]
    assert echo.bodies == [BODY]
    assert harness.heard.failures == []


def test_what_is_learned_is_what_the_upstream_sent(harness: Harness, echo: Echo) -> None:
    echo.chunks = (WHOLE,)
    gate = harness.wrap(echo, engine=reasoning())
    harness.drive(gate)

    engine = gate.context.engine
    assert isinstance(engine, Planned)
    assert engine.ended[0].answer_chars == len("whyso")
    assert harness.heard.spent == [(3, 9)]


def test_events_are_changed_as_they_come(harness: Harness, echo: Echo) -> None:
    echo.chunks, echo.headers = (EVENT[:9], EVENT[9:] + b": ping\n\n"), STREAM

    sent = harness.drive(harness.wrap(echo, engine=reasoning()))

    assert sent[1]["body"] == b""
    assert sent[2]["body"] == EVENT.replace(b"why", b"") + b": ping\n\n"


class Failing(ChatEdit):
    """Changes a few events, then fails."""

    def event(self, event: Event) -> Sequence[Event] | None:
        if "fail" in event.document:
            raise ZeroDivisionError
        return super().event(event)


def test_an_error_lets_the_rest_pass_untouched_and_is_counted(harness: Harness, echo: Echo) -> None:
    rest = b'data: {"fail":1}\n\n' + EVENT
    echo.chunks, echo.headers = (EVENT, rest + EVENT[:7], EVENT[7:], EVENT), STREAM
    engine = planned(edit=Failing(ReasoningSettings()))

    sent = harness.drive(harness.wrap(echo, engine=engine))

    assert body(sent) == EVENT.replace(b"why", b"") + rest + EVENT * 2
    assert [where for where, _ in harness.heard.failures] == ["rewrite"]


@pytest.mark.parametrize("headers", [JSON, STREAM])
def test_a_compressed_answer_is_decoded_to_be_changed(
    harness: Harness, echo: Echo, headers: Any
) -> None:
    plain = WHOLE if headers is JSON else EVENT * 3
    packed = gzip.compress(plain)
    echo.headers = (*headers[:2], (b"content-encoding", b"gzip"))
    echo.chunks = (packed[:11], packed[11:])

    sent = harness.drive(harness.wrap(echo, engine=reasoning()))

    assert body(sent) == plain.replace(b"why", b"")
    assert b"content-encoding" not in [name.lower() for name, _ in sent[0]["headers"]]
    assert harness.heard.failures == []


def test_an_answer_in_a_coding_that_is_not_read_passes_unnamed_and_is_counted(
    harness: Harness, echo: Echo
) -> None:
    echo.headers = (*JSON[:2], (b"content-encoding", b"x-own"))
    echo.chunks = (WHOLE[::-1],)

    sent = harness.drive(harness.wrap(echo, engine=reasoning()))

    assert body(sent) == echo.chunks[0]
    assert sent[0]["headers"] == [*echo.headers]
    assert [where for where, _ in harness.heard.failures] == ["rewrite"]


def test_what_finds_nothing_to_take_is_not_named(harness: Harness, echo: Echo) -> None:
    plain = WHOLE.replace(b'"reasoning":"why",', b"")
    echo.chunks, echo.headers = (plain,), JSON

    sent = harness.drive(harness.wrap(echo, engine=reasoning()))

    assert body(sent) == plain
    assert b"x-note" not in dict(sent[0]["headers"])


@pytest.mark.parametrize("engine", [reasoning, lambda: planned(edit=ChatEdit(ReasoningSettings()))])
def test_white_space_that_keeps_an_answer_alive_passes_at_once(
    harness: Harness, echo: Echo, engine: Any
) -> None:
    echo.chunks, echo.headers = (b"\n", b"\n" + WHOLE[:9], WHOLE[9:]), JSON[:1]

    sent = harness.drive(harness.wrap(echo, engine=engine()))

    assert [message["body"] for message in sent[1:3]] == [b"\n", b"\n"]
    assert body(sent) == b"\n\n" + EMPTIED
    assert b"x-note" not in dict(sent[0]["headers"]), "it was sent before there was an answer"


def test_an_answer_too_long_to_be_changed_passes_as_it_came(harness: Harness, echo: Echo) -> None:
    echo.chunks, echo.headers = (b"[", b" " * WHOLE_LIMIT, b"]"), JSON

    sent = harness.drive(harness.wrap(echo, engine=reasoning()))

    assert body(sent) == b"".join(echo.chunks)
    assert sent[0]["headers"] == [*JSON]
    assert [where for where, _ in harness.heard.failures] == ["rewrite"]


SLOW = PaceSettings(events_per_second=100.0, burst=1.0)


def test_a_paced_stream_comes_whole(harness: Harness, echo: Echo) -> None:
    echo.chunks, echo.headers = (EVENT,) * 6, STREAM
    gate = harness.wrap(echo, engine=planned(pace=SLOW))

    assert body(harness.drive(gate)) == EVENT * 6
    assert gate.context.paced == 0


def test_what_is_past_the_pace_waits(harness: Harness) -> None:
    sent: list[Message] = []

    async def play() -> None:
        handed = asyncio.Event()

        async def app(_: Scope, __: Receive, send: Send) -> None:
            await send({"type": "http.response.start", "status": 200, "headers": list(STREAM)})
            await send({"type": "http.response.body", "body": EVENT, "more_body": True})
            handed.set()  # a stream that does not wait goes on to its end before anybody else runs
            await send({"type": "http.response.body", "body": EVENT, "more_body": False})

        async def keep(message: Message) -> None:
            sent.append(message)

        slow = PaceSettings(events_per_second=1e-3, burst=1.0)
        gate = harness.wrap(app, engine=planned(pace=slow))
        scope, messages = request()
        task = asyncio.ensure_future(gate(scope, receiving(messages), keep))
        await handed.wait()
        assert gate.context.paced == 1
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert gate.context.paced == 0

    asyncio.run(play())
    assert body(sent) == EVENT


def receiving(messages: list[Message]) -> Receive:
    async def receive() -> Message:
        return messages.pop(0)

    return receive


class Nowhere(PaceSettings):
    """Holds no stream back."""

    max_streams: ClassVar[int] = 0


@pytest.mark.parametrize(
    "slow",
    [Nowhere(events_per_second=0.001, burst=1.0), PaceSettings(events_per_second=0.001, burst=99)],
)
def test_no_more_streams_are_held_back_than_the_bound(
    harness: Harness, echo: Echo, slow: PaceSettings
) -> None:
    echo.chunks, echo.headers = (EVENT,) * 6, STREAM
    gate = harness.wrap(echo, engine=planned(pace=slow))

    assert body(harness.drive(gate)) == EVENT * 6
    assert gate.context.paced == 0


def test_a_client_that_leaves_a_paced_stream_leaves_its_place(harness: Harness, echo: Echo) -> None:
    echo.chunks, echo.headers = (EVENT,) * 6, STREAM
    slow = PaceSettings(events_per_second=0.001, burst=1.0)
    gate = harness.wrap(echo, engine=planned(pace=slow))

    async def leave() -> int:
        scope, messages = request()
        task = asyncio.ensure_future(harness.run(gate, scope, messages))
        while not gate.context.paced:  # noqa: ASYNC110  (nothing else tells)
            await asyncio.sleep(0)
        held = gate.context.paced
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return held

    assert asyncio.run(leave()) == 1
    assert gate.context.paced == 0


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
