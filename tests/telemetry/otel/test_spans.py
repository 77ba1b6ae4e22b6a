"""What the spans of an exchange say, however it ends."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("opentelemetry.sdk", reason="the extra `otel` is not installed")

from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode
from tests.asgi.conftest import BODY, HEADERS, Echo, Harness, request

from distillgate.asgi.middleware import GateMiddleware
from distillgate.assembly import build
from distillgate.config.schema import Config
from distillgate.telemetry.otel.spans import Tracer

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

PARENT = (b"traceparent", b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
UNSAMPLED = (b"traceparent", PARENT[1][:-1] + b"0")


class Traced:
    """A gate round an app, and the spans that it ended."""

    def __init__(self, app: Any, **options: Any) -> None:
        self._harness = Harness()
        context = self._harness.context(**options)
        exporter = self._exporter = InMemorySpanExporter()
        self.provider = TracerProvider(shutdown_on_exit=False)
        self.provider.add_span_processor(SimpleSpanProcessor(exporter))
        context.tracer = Tracer(self.provider)
        self.gate = GateMiddleware(app, context)

    def ask(self, *chunks: bytes, headers: Any = (*HEADERS, PARENT)) -> list[Any]:
        return self._harness.drive(self.gate, *chunks, headers=headers)

    def all(self) -> tuple[ReadableSpan, ...]:
        return self._exporter.get_finished_spans()

    def spans(self) -> dict[SpanKind, ReadableSpan]:
        return {span.kind: span for span in self._exporter.get_finished_spans()}


def test_a_whole_answer_has_two_spans_and_no_text() -> None:
    answer = (
        b'{"id":"r-1","model":"m-1","choices":[{"message":{"content":"sesame"},"finish_reason":'
    )
    answer += b'"length"}],"usage":{"prompt_tokens":7,"completion_tokens":3}}'
    traced = Traced(Echo([answer]))

    traced.ask(BODY.replace(b"{", b'{"temperature":0.5,"max_tokens":9,', 1))

    spans = traced.spans()
    asked = dict(spans[SpanKind.CLIENT].attributes or {})
    assert asked == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "m-large",
        "gen_ai.request.max_tokens": 9,
        "gen_ai.request.temperature": 0.5,
        "gen_ai.response.model": "m-1",
        "gen_ai.response.finish_reasons": ("length",),
        "gen_ai.usage.input_tokens": 7,
        "gen_ai.usage.output_tokens": 3,
        "http.response.status_code": 200,
    }
    assert spans[SpanKind.SERVER].name == "POST chat"
    told = "".join(span.to_json() for span in spans.values())
    assert "sesame" not in told
    assert "hello" not in told
    assert "sk-1" not in told


def test_an_exchange_that_is_refused_has_the_gates_span_alone() -> None:
    config = Config.model_validate(
        {
            "mode": "enforce",
            "telemetry": {"log": {"level": "off"}},
            "policy": {"plans": {"default": {"requests_per_minute": 1}}},
        },
        strict=False,
    )
    provider, exporter = TracerProvider(shutdown_on_exit=False), InMemorySpanExporter()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    parts = build(config)
    parts.context.tracer = Tracer(provider)
    gate = parts.middleware(Echo())

    async def ask() -> None:
        for _ in range(3):
            scope, messages = request(headers=(*HEADERS, PARENT))
            await Harness().run(gate, scope, messages)
        await parts.close()

    asyncio.run(ask())

    spans = exporter.get_finished_spans()
    last = dict(spans[-1].attributes or {})
    assert (spans[-1].kind, last["http.response.status_code"]) == (SpanKind.SERVER, 429)
    assert last["distillgate.cause"] == "budget"
    assert last["distillgate.result"] == "throttled"
    assert last["distillgate.enforced"] is True
    assert spans[-1].status.status_code is StatusCode.UNSET
    assert sum(span.kind is SpanKind.CLIENT for span in spans) < 3


def test_what_is_not_judged_is_traced_too() -> None:
    traced = Traced(Echo(status=502))

    traced.ask(b"no JSON")

    spans = traced.spans()
    assert spans[SpanKind.SERVER].status.status_code is StatusCode.ERROR
    assert spans[SpanKind.CLIENT].status.status_code is StatusCode.ERROR
    assert (spans[SpanKind.SERVER].attributes or {})["error.type"] == "502"
    assert "distillgate.action" not in (spans[SpanKind.SERVER].attributes or {})


def test_an_application_that_raises_ends_both_and_its_message_stays_untold() -> None:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        raise RuntimeError("sesame")

    traced = Traced(broken)
    with pytest.raises(RuntimeError):
        traced.ask()

    own = traced.spans()[SpanKind.SERVER]
    assert (own.attributes or {})["error.type"] == "RuntimeError"
    assert (own.attributes or {})["distillgate.result"] == "failed"
    assert SpanKind.CLIENT in traced.spans()
    assert not any("sesame" in span.to_json() for span in traced.spans().values())


def test_a_host_that_traces_is_the_parent_and_finds_the_upstreams_span_current() -> None:
    current: list[int] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        current.append(trace.get_current_span().get_span_context().span_id)
        await Echo()(scope, receive, send)

    traced = Traced(app)
    with traced.provider.get_tracer("host").start_as_current_span("host") as host:
        traced.ask()

    spans = {span.name: span for span in traced.all()}
    parent = spans["POST chat"].parent
    assert parent is not None
    assert parent.span_id == host.get_span_context().span_id
    assert spans["POST chat"].kind is SpanKind.INTERNAL
    asked = spans["chat m-large"].context
    assert asked is not None
    assert current == [asked.span_id]


def test_a_client_that_does_not_sample_is_obeyed_and_still_handed_on() -> None:
    echo = Echo()
    traced = Traced(echo)

    traced.ask(headers=(*HEADERS, UNSAMPLED))

    assert traced.spans() == {}
    handed = dict(echo.scopes[0]["headers"])[b"traceparent"].decode().split("-")
    assert handed[1] == "0af7651916cd43dd8448eb211c80319c"
    assert handed[2] != "b7ad6b7169203331"
    assert handed[3] == "00"
