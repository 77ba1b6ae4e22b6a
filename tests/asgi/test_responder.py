"""One exchange on its way: judged, forwarded as it came, learned from once, whatever fails."""

from __future__ import annotations

import asyncio
import gzip
import itertools
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.asgi.conftest import Heard, request

from distillgate.actions.plan import Plan
from distillgate.asgi.identity import Identity
from distillgate.dialects import openai
from distillgate.engine.engine import Engine
from distillgate.policy.decision import Action, Decision
from distillgate.wire.exchange import Exchange, Outcome
from distillgate.wire.refusal import Problem, refusal
from distillgate.wire.request import Request

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Scope, Send
    from tests.asgi.conftest import Echo, Harness

    from distillgate.actions.effect import Effect
    from distillgate.wire.operation import Operation


BODY = b'{"model":"m-large","messages":[{"role":"user","content":"hello"}]}'
PATH = "/v1/chat/completions"


class Scripted(Engine):
    """An engine that keeps what it is told, and does what a test wants done."""

    wanted = Plan()
    action = Action.ALLOW

    def __init__(self, *args: Any, **keywords: Any) -> None:
        super().__init__(*args, **keywords)
        self.begun: list[Exchange] = []
        self.ended: list[Outcome] = []

    def begin(self, exchange: Exchange, now: float) -> Decision:
        self.begun.append(exchange)
        return Decision(account=exchange.account, action=self.action, enforced=True)

    def plan(self, exchange: Exchange, decision: Decision) -> Plan:
        return self.wanted

    def finish(self, decision: Decision, outcome: Outcome, now: float) -> None:
        self.ended.append(outcome)


class Broken(Scripted):
    """An engine that fails at the stages named."""

    stages: frozenset[str] = frozenset()

    def begin(self, exchange: Exchange, now: float) -> Decision:
        decision = super().begin(exchange, now)
        self._fail("begin")
        return decision

    def plan(self, exchange: Exchange, decision: Decision) -> Plan:
        self._fail("plan")
        return super().plan(exchange, decision)

    def finish(self, decision: Decision, outcome: Outcome, now: float) -> None:
        super().finish(decision, outcome, now)
        self._fail("finish")

    def _fail(self, stage: str) -> None:
        if stage in self.stages:
            raise RuntimeError(stage)


def broken(*stages: str) -> type[Broken]:
    return type("BrokenThere", (Broken,), {"stages": frozenset(stages)})


def acting(plan: Plan, action: Action = Action.DEGRADE) -> type[Scripted]:
    return type("Acting", (Scripted,), {"wanted": plan, "action": action})


def engine_of(gate: Any) -> Any:
    return gate.context.engine


def test_an_allowed_exchange_passes_message_for_message(harness: Harness, echo: Echo) -> None:
    plain = harness.drive(echo)
    gate = harness.wrap(echo, engine=Scripted)

    gated = harness.drive(gate)

    assert gated == plain
    assert echo.bodies == [BODY, BODY]
    assert harness.heard.failures == []
    (outcome,) = engine_of(gate).ended
    assert (outcome.status, outcome.aborted) == (200, False)


@given(cuts=st.lists(st.integers(1, len(BODY) - 1), unique=True, max_size=12).map(sorted))
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    max_examples=30,
)
def test_any_chunking_of_the_request_gives_the_same(
    harness: Harness, echo: Echo, cuts: list[int]
) -> None:
    edges = [0, *cuts, len(BODY)]
    chunks = [BODY[start:end] for start, end in itertools.pairwise(edges)]

    gate = harness.wrap(echo, engine=Scripted)
    harness.drive(gate, *chunks)

    (exchange,) = engine_of(gate).begun
    assert (exchange.request.model, exchange.request.newest) == ("m-large", "hello")
    assert (echo.bodies[-1], echo.pieces[-1]) == (BODY, 1)


def test_the_exchange_carries_what_the_request_tells(harness: Harness, echo: Echo) -> None:
    def identify(_: Scope) -> Identity:
        return Identity("acme", plan="pro", organisation="o-1")

    headers = [
        (b"user-agent", b"OpenAI/Python 3.54.0"),
        (b"x-request-id", b"0123456789"),
    ]
    gate = harness.wrap(echo, engine=Scripted, identify=identify)
    harness.drive(gate, path="/openai/v1/chat/completions", headers=headers)

    (exchange,) = engine_of(gate).begun
    assert (exchange.account, exchange.plan, exchange.organisation) == ("acme", "pro", "o-1")
    assert exchange.id.startswith("dg-")
    assert harness.heard.effects[0][:2] == (exchange.id, "0123456789")
    assert exchange.path == "/openai/v1/chat/completions"
    assert exchange.client.user_agent == "OpenAI/Python 3.54.0"


def test_memoryview_chunks_pass_as_they_are(harness: Harness, echo: Echo) -> None:
    chunk = memoryview(b'{"usage":{"prompt_tokens":4,"completion_tokens":2}}')
    echo.chunks = (chunk,)
    gate = harness.wrap(echo, engine=Scripted)

    sent = harness.drive(gate)

    assert sent[1]["body"] is chunk
    assert engine_of(gate).ended[0].completion_tokens == 2
    assert harness.heard.failures == []


def test_messages_of_unknown_types_pass(harness: Harness) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.debug", "info": {}})
        await send({"type": "http.response.start", "status": 200, "trailers": True})
        await send({"type": "http.response.body", "body": b"{}"})
        await send({"type": "http.response.trailers", "headers": []})

    kinds = [message["type"] for message in harness.drive(harness.wrap(app))]

    assert kinds == [
        "http.response.debug",
        "http.response.start",
        "http.response.body",
        "http.response.trailers",
    ]
    assert len(harness.heard.spent) == 1


def test_a_compressed_request_is_read_beside_and_forwarded_as_it_came(
    harness: Harness, echo: Echo
) -> None:
    packed = gzip.compress(BODY)
    headers = [(b"authorization", b"Bearer sk-1"), (b"content-encoding", b"gzip")]

    gate = harness.wrap(echo, engine=Scripted)
    harness.drive(gate, packed[:20], packed[20:], headers=headers)

    assert echo.bodies == [packed]
    assert (b"content-encoding", b"gzip") in echo.scopes[0]["headers"]
    assert engine_of(gate).begun[0].request.newest == "hello"


def test_a_coding_nobody_here_reads_is_forwarded_unscored(harness: Harness, echo: Echo) -> None:
    headers = [(b"authorization", b"Bearer sk-1"), (b"content-encoding", b"br")]

    harness.drive(harness.wrap(echo), b"\x1b\x00", headers=headers)

    assert echo.bodies == [b"\x1b\x00"]
    assert harness.heard.reasons == ["encoding"]


@pytest.mark.parametrize("coding", [b"br", b"gzip", b"compress", b"gzip, gzip, gzip, gzip, gzip"])
def test_a_plain_body_is_judged_whatever_coding_it_claims(
    harness: Harness, echo: Echo, coding: bytes
) -> None:
    headers = [(b"authorization", b"Bearer sk-1"), (b"content-encoding", coding)]

    gate = harness.wrap(echo, engine=Scripted)
    harness.drive(gate, BODY, headers=headers)

    assert echo.bodies == [BODY]
    assert engine_of(gate).begun[0].request.newest == "hello"


def test_a_request_of_nobody_is_forwarded_unread(harness: Harness, echo: Echo) -> None:
    harness.drive(harness.wrap(echo), BODY[:9], BODY[9:], headers=())

    assert (echo.bodies, echo.pieces) == ([BODY], [2])
    assert harness.heard.reasons == ["anonymous"]


@pytest.mark.parametrize("path", ["/v1/models", "/v1/audio/transcriptions", "/", "/docs"])
def test_other_paths_are_untouched(harness: Harness, echo: Echo, path: str) -> None:
    harness.drive(harness.wrap(echo), b"a", b"b", path=path, headers=[(b"x-api-key", b"k")])

    assert echo.pieces == [2]
    assert harness.heard == type(harness.heard)()


@pytest.mark.parametrize("stages", [("begin",), ("plan",), ("finish",)])
def test_a_broken_engine_changes_nothing(
    harness: Harness, echo: Echo, stages: tuple[str, ...]
) -> None:
    plain = harness.drive(echo)
    gate = harness.wrap(echo, engine=broken(*stages))

    assert harness.drive(gate) == plain
    assert echo.bodies == [BODY, BODY]
    assert [error for _, error in harness.heard.failures] == list(stages)
    assert len(engine_of(gate).ended) == (0 if stages == ("begin",) else 1)


@pytest.mark.parametrize("stage", ["begin", "plan"])
@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/messages"])
def test_failing_closed_is_a_503_in_the_apis_own_shape(
    harness: Harness, echo: Echo, stage: str, path: str
) -> None:
    gate = harness.wrap(echo, engine=broken(stage), fail_closed=True)

    start, body = harness.drive(gate, path=path)

    assert start["status"] == 503
    assert isinstance(orjson.loads(body["body"])["error"]["message"], str)
    assert echo.bodies == []
    assert len(engine_of(gate).ended) == (stage == "plan")


def test_an_exchange_of_which_nothing_can_be_told_is_settled(harness: Harness, echo: Echo) -> None:
    class Full(Heard):
        def ended(self, operation: Operation, decision: Decision, effect: Effect) -> None:
            raise OSError("full")

    harness.heard = Full()
    gate = harness.wrap(echo)

    harness.drive(gate)

    assert harness.heard.failures == [("finish", "full")]
    (decision,) = harness.heard.decisions
    assert decision.passage.reservation is not None
    assert engine_of(gate).ledger.in_flight(decision.passage.parties.account) == 0


def test_a_host_callable_that_raises_fails_as_configured(harness: Harness, echo: Echo) -> None:
    def identify(_: Scope) -> str:
        raise LookupError("no database")

    harness.drive(harness.wrap(echo, identify=identify))
    assert echo.bodies == [BODY]

    start, _ = harness.drive(harness.wrap(echo, identify=identify, fail_closed=True))
    assert start["status"] == 503
    assert harness.heard.failures == [("identify", "no database")] * 2


def test_a_body_past_the_bound_is_a_413(harness: Harness, echo: Echo) -> None:
    gate = harness.wrap(echo, body={"max_bytes": 1024})

    for chunks in ([b"x" * 1025], [b"x" * 1000, b"x" * 25, b"rest"]):
        start, *parts = harness.drive(gate, *chunks)
        assert start["status"] == 413
        body = b"".join(part.get("body", b"") for part in parts)
        assert orjson.loads(body)["error"]["code"] == "request_too_large"
        assert not parts[-1].get("more_body", False)
    assert echo.bodies == []
    assert harness.heard.reasons == ["oversize", "oversize"]


def test_a_declared_length_past_the_bound_is_not_waited_for(harness: Harness, echo: Echo) -> None:
    headers = [(b"authorization", b"Bearer sk-1"), (b"content-length", b"999999")]
    gate = harness.wrap(echo, body={"max_bytes": 1024})

    start, *_ = harness.drive(gate, b"the beginning", headers=headers)

    assert start["status"] == 413


@pytest.mark.parametrize("declared", [[], [(b"content-length", b"1029")]])
@pytest.mark.parametrize(
    ("kind", "start", "unread", "passes"),
    [
        (b"multipart/form-data; boundary=b", b"--b", "pass", True),
        (b"Application/Octet-Stream", b"\x89PNG", "pass", True),
        (b"audio/wav", b"RIFF", "pass", True),
        (b"audio/wav", b"RIFF", "refuse", False),
        (b"multipart/form-data; boundary=b", b"--b", "refuse", False),
        (b"image/png", b' \n{"prompt":', "pass", False),
        (b"application/x-www-form-urlencoded", b"prompt=", "pass", False),
    ],
)
def test_an_upload_past_the_bound_to_a_path_that_a_host_may_own_passes(
    harness: Harness,
    echo: Echo,
    declared: list[tuple[bytes, bytes]],
    kind: bytes,
    start: bytes,
    unread: str,
    passes: bool,
) -> None:
    headers = [(b"authorization", b"Bearer sk-1"), (b"content-type", kind), *declared]
    gate = harness.wrap(echo, unread=unread, body={"max_bytes": 1024})

    harness.drive(gate, start, b"y" * 1024, b"rest", path="/predict", headers=headers)

    assert echo.bodies == ([start + b"y" * 1024 + b"rest"] if passes else [])
    assert harness.heard.reasons == ["oversize"]


@pytest.mark.parametrize("declared", [[], [(b"content-length", b"1029")]])
def test_a_body_past_the_bound_may_pass_unscored(
    harness: Harness, echo: Echo, declared: list[tuple[bytes, bytes]]
) -> None:
    headers = [(b"authorization", b"Bearer sk-1"), *declared]
    gate = harness.wrap(echo, body={"max_bytes": 1024, "oversize": "pass"})

    harness.drive(gate, b"x" * 1000, b"y" * 25, b"rest", headers=headers)
    harness.drive(gate, b"z" * 2000, headers=headers)

    assert echo.bodies == [b"x" * 1000 + b"y" * 25 + b"rest", b"z" * 2000]
    assert harness.heard.reasons == ["oversize", "oversize"]


def test_a_client_gone_while_it_still_sends_is_nobodys_request(
    harness: Harness, echo: Echo
) -> None:
    gate = harness.wrap(echo)

    async def run() -> list[Message]:
        scope: dict[str, Any] = {"type": "http", "method": "POST", "path": PATH}
        scope |= {"headers": [(b"x-api-key", b"k")], "client": None}
        gone: list[Message] = [
            {"type": "http.request", "body": BODY[:5], "more_body": True},
            {"type": "http.disconnect"},
        ]
        return await harness.run(gate, scope, gone)

    assert asyncio.run(run()) == []
    assert echo.bodies == []
    assert harness.heard.decisions == []


def test_a_refusal_is_answered_without_asking_the_app(harness: Harness, echo: Echo) -> None:
    no = refusal(openai.ERRORS, Problem(429, "rate_limit_exceeded", "m"), "r-1")
    gate = harness.wrap(echo, engine=acting(Plan(refusal=no), Action.THROTTLE))

    start, body = harness.drive(gate)

    assert echo.bodies == []
    assert (start["status"], body["body"]) == (429, no.body)
    assert start["headers"] == no.headers
    (outcome,) = engine_of(gate).ended
    assert (outcome.status, outcome.aborted) == (429, False)


def test_a_rewritten_request_arrives_whole_with_its_own_length(
    harness: Harness, echo: Echo
) -> None:
    headers = [
        (b"authorization", b"Bearer sk-1"),
        (b"content-encoding", b"gzip"),
        (b"content-length", b"77"),
    ]
    plan = Plan(body=b'{"fewer":"bytes"}', header="x-note", label="1", done=["n"])
    gate = harness.wrap(echo, engine=acting(plan))

    start, *_ = harness.drive(gate, gzip.compress(BODY), headers=headers)

    assert echo.bodies == [b'{"fewer":"bytes"}']
    assert echo.scopes[0]["headers"] == [headers[0], (b"content-length", b"17")]
    assert start["headers"][-1] == (b"x-note", b"1; n")


def test_an_app_that_raises_is_a_500_that_still_raises(harness: Harness) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise ZeroDivisionError

    gate = harness.wrap(app, engine=Scripted)

    with pytest.raises(ZeroDivisionError):
        harness.drive(gate)
    (outcome,) = engine_of(gate).ended
    assert (outcome.status, outcome.aborted) == (500, False)


def test_an_app_that_answers_nothing_is_a_500(harness: Harness) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        return

    gate = harness.wrap(app, engine=Scripted)

    assert harness.drive(gate) == []
    assert [outcome.status for outcome in engine_of(gate).ended] == [500]


def test_a_client_gone_mid_stream_is_an_abort_once(harness: Harness) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"data: x", "more_body": True})
        assert (await receive())["type"] == "http.disconnect"

    gate = harness.wrap(app, engine=Scripted)
    harness.drive(gate)

    (outcome,) = engine_of(gate).ended
    assert (outcome.status, outcome.aborted) == (200, True)


def test_a_disconnect_after_the_last_byte_is_no_abort(harness: Harness) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"{}"})
        assert (await receive())["type"] == "http.disconnect"

    gate = harness.wrap(app, engine=Scripted)
    harness.drive(gate)

    assert [outcome.aborted for outcome in engine_of(gate).ended] == [False]


def test_a_server_whose_send_fails_is_an_abort(harness: Harness, echo: Echo) -> None:
    gate = harness.wrap(echo, engine=Scripted)

    async def run() -> None:
        async def receive() -> Message:
            return {"type": "http.request", "body": BODY, "more_body": False}

        async def send(message: Message) -> None:
            raise BrokenPipeError

        scope: dict[str, Any] = {"type": "http", "method": "POST", "path": PATH}
        await gate(scope | {"headers": [(b"x-api-key", b"k")]}, receive, send)

    with pytest.raises(BrokenPipeError):
        asyncio.run(run())
    assert [outcome.aborted for outcome in engine_of(gate).ended] == [True]


def test_cancellation_is_an_abort_and_passes_on(harness: Harness) -> None:
    started = asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        started.set()
        await asyncio.Event().wait()

    gate = harness.wrap(app, engine=Scripted)

    async def run() -> None:
        scope: dict[str, Any] = {"type": "http", "method": "POST", "path": PATH}
        scope |= {"headers": [(b"x-api-key", b"k")], "client": None}
        messages: list[Message] = [{"type": "http.request", "body": BODY, "more_body": False}]
        task = asyncio.ensure_future(harness.run(gate, scope, messages))
        await started.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(run())
    (outcome,) = engine_of(gate).ended
    assert (outcome.status, outcome.aborted) == (0, True)


def test_an_exchange_is_recorded_with_its_document_and_time(harness: Harness, echo: Echo) -> None:
    class Kept:
        def __init__(self) -> None:
            self.lines: list[tuple[str, Any, int, float]] = []

        def write(self, exchange: Exchange, document: Any, outcome: Outcome, ts: float) -> None:
            self.lines.append((exchange.account, document, outcome.status, ts))

    gate = harness.wrap(echo, identify=lambda _: "acme", clock=lambda: 1771286400.0)
    gate.context.recorder = kept = Kept()

    harness.drive(gate)

    assert kept.lines == [("acme", orjson.loads(BODY), 200, 1771286400.0)]


def test_a_long_prompt_is_counted_to_its_end_beside_the_request(harness: Harness) -> None:
    text = " ".join(str(number) for number in range(40_000))
    body = orjson.dumps({"model": "m", "messages": [{"role": "user", "content": text}]})
    pending: list[bool] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        (exchange,) = engine_of(gate).begun
        tokenizer = gate.context.tokenizer
        pending.append(tokenizer.pending(exchange.request))
        while tokenizer.pending(exchange.request):  # noqa: ASYNC110 - nothing tells when it is done
            await asyncio.sleep(0.005)

    class Counting(Scripted):
        def begin(self, exchange: Exchange, now: float) -> Decision:
            self._count(exchange.request)
            return super().begin(exchange, now)

    gate = harness.wrap(app, engine=Counting)
    harness.drive(gate, body)

    assert pending == [True]


REFUSED = Plan(refusal=refusal(openai.ERRORS, Problem(429, "rate_limit_exceeded", "m"), "r-1"))


@pytest.mark.parametrize(("plan", "times"), [(Plan(), 2), (REFUSED, 0)])
def test_a_refused_prompt_is_not_counted_to_its_end(
    harness: Harness, echo: Echo, plan: Plan, times: int
) -> None:
    asked: list[Request] = []

    class Counted:
        def pending(self, request: Request) -> bool:
            asked.append(request)
            return False

        def finish(self, request: Request) -> object:
            raise AssertionError("nothing is pending")

    gate = harness.wrap(echo, engine=acting(plan))
    gate.context.tokenizer = Counted()
    harness.drive(gate)

    assert len(engine_of(gate).ended) == 1
    assert len(asked) == times  # when it was judged, and when it was learned


def test_learning_does_not_stand_between_an_answer_and_its_client(
    harness: Harness, echo: Echo
) -> None:
    order: list[str] = []

    class Learning(Scripted):
        def finish(self, decision: Decision, outcome: Outcome, now: float) -> None:
            order.append("learned")

    gate = harness.wrap(echo, engine=Learning)

    async def run() -> None:
        scope, messages = request()

        async def receive() -> Message:
            return messages.pop(0)

        async def send(message: Message) -> None:
            # As uvloop does: what is written leaves when the event loop has finished this turn.
            if message["type"] == "http.response.body":
                asyncio.get_running_loop().call_soon(order.append, "sent")

        await gate(scope, receive, send)
        await asyncio.sleep(0)

    asyncio.run(run())
    assert order[-2:] == ["sent", "learned"]
    assert order.count("learned") == 1


TWICE = b'{"messages":[{"role":"user","content":"decoy"}],"MESSAGES":[{"content":"real"}]}'
BOMB = gzip.compress(gzip.compress(b'{"x":[' + b"[]," * 7_000_000 + b"[]]}", mtime=0), mtime=0)


@pytest.mark.parametrize(
    ("body", "coding", "reason"),
    [
        (b"{", None, "malformed"),
        (b"[]", None, "malformed"),
        (b"\x1b\x00", b"br", "encoding"),
        (BOMB, b"gzip, gzip", "expansion"),
        (b'{"x":[' + b"[]," * 20_000 + b"[]]}", None, "complex"),
        (TWICE, None, "ambiguous"),
    ],
)
@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/messages"])
def test_what_cannot_be_read_in_one_way_is_counted_and_may_be_refused(
    harness: Harness, echo: Echo, body: bytes, coding: bytes | None, reason: str, path: str
) -> None:
    key = (b"authorization", b"Bearer sk-1")
    headers = [key, (b"content-encoding", coding)] if coding else [key]

    harness.drive(harness.wrap(echo), body, path=path, headers=headers)
    assert (echo.bodies, harness.heard.reasons) == ([body], [reason])

    start, answer = harness.drive(
        harness.wrap(echo, unread="refuse"), body, path=path, headers=headers
    )
    error = orjson.loads(answer["body"])["error"]
    assert (start["status"], error["type"]) == (400, "invalid_request_error")
    assert reason in error["message"]
    assert harness.heard.reasons == [reason, reason]
    assert len(echo.bodies) == 1


def test_of_a_request_with_two_readings_both_are_judged(harness: Harness, echo: Echo) -> None:
    gate = harness.wrap(echo, engine=Scripted)
    harness.drive(gate, TWICE)

    assert [m.text for m in engine_of(gate).begun[0].request.messages] == ["decoy", "real"]
    assert echo.bodies == [TWICE]


def test_an_account_that_is_known_may_send_more_json(harness: Harness, echo: Echo) -> None:
    body = b'{"messages":[{"content":"hello"}],"x":[' + b"[]," * 20_000 + b"[]]}"
    gate = harness.wrap(echo)

    harness.drive(gate, body)
    harness.drive(gate, BODY)
    harness.drive(gate, body)

    assert harness.heard.reasons == ["complex"]
    assert len(harness.heard.decisions) == 2


@pytest.mark.parametrize("name", [b"utf-7", b"UTF-7"])
def test_an_encoding_named_by_the_type_is_one_reading_more(
    harness: Harness, echo: Echo, name: bytes
) -> None:
    kind = b"application/json; charset=" + name
    body = b'{"messages":[{"content":"decoy"}],"+AG0-essages":[{"content":"real"}]}'
    gate = harness.wrap(echo, engine=Scripted)

    harness.drive(gate, body, headers=[(b"x-api-key", b"k"), (b"content-type", kind)])

    texts = [m.text for m in engine_of(gate).begun[0].request.messages]
    assert {"decoy", "real"} <= set(texts)


@pytest.mark.parametrize(
    "body", [b"model=m&prompt=real", b'{"prompt":"decoy","x":"&prompt=real&z="}']
)
def test_a_form_is_read_as_the_host_reads_it(harness: Harness, echo: Echo, body: bytes) -> None:
    """LiteLLM 1.110 takes forms for calls, and goes by their type and not by how they begin."""
    kind = (b"content-type", b"application/x-www-form-urlencoded")
    gate = harness.wrap(echo, engine=Scripted)

    harness.drive(gate, body, path="/v1/completions", headers=[(b"x-api-key", b"k"), kind])

    assert engine_of(gate).begun[0].request.newest == "real"
    assert echo.bodies == [body]


def test_a_form_that_nests_deeply_is_judged(harness: Harness, echo: Echo) -> None:
    body = b"prompt=a&x=" + b"[" * 300 + b"]" * 300
    kind = (b"content-type", b"application/x-www-form-urlencoded")

    harness.drive(harness.wrap(echo), body, headers=[(b"x-api-key", b"k"), kind])

    assert (harness.heard.failures, len(harness.heard.decisions)) == ([], 1)


def test_json_that_its_client_did_not_name_is_read_in_one_way(harness: Harness, echo: Echo) -> None:
    kind = (b"content-type", b"application/x-www-form-urlencoded")

    harness.drive(harness.wrap(echo), BODY, headers=[(b"x-api-key", b"k"), kind])

    assert (harness.heard.reasons, len(harness.heard.decisions)) == ([], 1)
    assert echo.bodies == [BODY]


DEEP = b"[" * 3_000 + b"]" * 3_000


@pytest.mark.parametrize(
    "rest",
    [
        b'"x":' + DEEP,
        b'"tools":[' + DEEP + b"]",
        b'"logit_bias":{"a":' + DEEP + b"}",
        b'"response_format":' + DEEP + b',"n":' + b"9" * 5_000,
        b'"max_tokens":1e999,"seed":' + b"9" * 50,
    ],
)
def test_what_only_some_upstreams_read_is_judged(harness: Harness, echo: Echo, rest: bytes) -> None:
    body = BODY[:-1] + b"," + rest + b"}"

    harness.drive(harness.wrap(echo, enforce=True), body)

    assert echo.bodies == [body]
    assert harness.heard.failures == []
    assert len(harness.heard.decisions) == 1
