"""A real collector hears of a streamed exchange through a real sidecar: its spans, its counts."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import httpx2
import pytest

pytest.importorskip("opentelemetry.sdk", reason="the extra `otel` is not installed")

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from starlette.types import Receive, Scope, Send

from distillgate.config.load import read
from distillgate.config.schema import Config
from distillgate.gate import Gate
from distillgate.proxy.relay import Relay
from distillgate.telemetry import Telemetry
from distillgate_lab.upstream.app import Upstream, upstream
from distillgate_lab.upstream.server import serve

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
SECRET = "Tell me of the river Ganges"
ASKED = {
    "model": "m-large",
    "messages": [{"role": "user", "content": SECRET}],
    "stream": True,
    "stream_options": {"include_usage": True},
}


class Collector:
    """Takes OTLP over HTTP, as a collector does."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, bytes]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        self.taken.append((scope["path"], body))
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    def spans(self) -> list[tuple[Span, dict[str, Any]]]:
        """Return the spans with their resource's attributes."""
        found = []
        for path, body in self.taken:
            if path == "/v1/traces":
                for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                    of = attributes(resource.resource)
                    found += [(s, of) for scope in resource.scope_spans for s in scope.spans]
        return found

    def metrics(self) -> dict[str, Any]:
        """Return the metrics that were sent last, by their names."""
        last = [body for path, body in self.taken if path == "/v1/metrics"][-1]
        (resource,) = ExportMetricsServiceRequest.FromString(last).resource_metrics
        return {one.name: one for scope in resource.scope_metrics for one in scope.metrics}


def attributes(of: Any) -> dict[str, Any]:
    def plain(value: Any) -> Any:
        kind = value.WhichOneof("value")
        if kind == "array_value":
            return [plain(one) for one in value.array_value.values]
        return getattr(value, kind)

    return {one.key: plain(one.value) for one in of.attributes}


def start(stack: ExitStack, url: str, **otel: Any) -> str:
    document = {
        "proxy": {"upstream": url},
        "asgi": {"identity": {"header": "x-account"}},
        "telemetry": {"log": {"level": "off"}, "otel": otel},
    }
    config = read(json.dumps(document), Config, source="test")
    telemetry = Telemetry(config.telemetry)
    gate = Gate(Relay(config.proxy, telemetry), config, telemetry=telemetry)
    return stack.enter_context(serve(gate.sidecar())).url


def stream(url: str) -> str:
    headers = {
        "x-account": "a-17",
        "traceparent": f"00-{TRACE}-{PARENT}-01",
        "tracestate": "vendor=1",
    }
    with httpx2.Client(base_url=url, trust_env=False, timeout=60) as client:
        answer = client.post("/v1/chat/completions", json=ASKED, headers=headers)
    assert answer.status_code == 200
    return str(answer.text)


@pytest.fixture
def model() -> Iterator[tuple[Upstream, str]]:
    app = upstream(chunk_delay=0.005)
    with serve(app) as address:
        yield app, address.url


def test_a_streamed_exchange_is_traced_from_the_client_to_the_upstream_and_counted(
    model: tuple[Upstream, str],
) -> None:
    app, url = model
    collector = Collector()
    with serve(collector) as receiving:
        with ExitStack() as stack:
            text = stream(start(stack, url, endpoint=receiving.url))
        found = collector.spans()

    spans = {span.kind: span for span, _ in found}
    own, asked = spans[Span.SPAN_KIND_SERVER], spans[Span.SPAN_KIND_CLIENT]
    assert len(found) == 2
    assert {span.trace_id.hex() for span, _ in found} == {TRACE}
    assert own.parent_span_id.hex() == PARENT
    assert asked.parent_span_id == own.span_id
    assert app.received[0].header("traceparent") == f"00-{TRACE}-{asked.span_id.hex()}-01"
    assert app.received[0].header("tracestate") == "vendor=1"

    usage = json.loads(text.split("data: ")[-2])["usage"]
    told = attributes(asked)
    assert asked.name == "chat m-large"
    assert told["gen_ai.provider.name"] == "openai"
    assert told["gen_ai.usage.output_tokens"] == usage["completion_tokens"] > 1
    assert told["gen_ai.usage.input_tokens"] == usage["prompt_tokens"]
    assert told["gen_ai.response.finish_reasons"] == ["stop"]
    # It is over when the stream is: later than its first chunk, by all the others' delays.
    first = told["gen_ai.response.time_to_first_chunk"] * 1e9
    assert asked.end_time_unix_nano - asked.start_time_unix_nano > first + 5e6
    assert asked.end_time_unix_nano <= own.end_time_unix_nano

    decided = attributes(own)
    assert decided["http.response.status_code"] == 200
    assert decided["distillgate.account"] == "a-17"
    assert decided["distillgate.action"] == "allow"
    assert decided["distillgate.result"] == "answered"
    assert decided["distillgate.reference"].startswith("dg-")
    assert found[0][1]["service.name"] == "distillgate"
    assert not any(SECRET.encode() in body for _, body in collector.taken)

    metrics = collector.metrics()
    (tokens,) = [
        point.as_double
        for point in metrics["distillgate_tokens"].sum.data_points
        if attributes(point) == {"direction": "output"}
    ]
    assert tokens == usage["completion_tokens"]
    assert metrics["distillgate_tokens"].sum.is_monotonic
    (decisions,) = metrics["distillgate_decision_seconds"].histogram.data_points
    assert decisions.count == 1
    assert sum(decisions.bucket_counts) == 1
    assert len(decisions.bucket_counts) == len(decisions.explicit_bounds) + 1
    assert not decisions.HasField("min")
    assert metrics["distillgate_decision_seconds"].unit == "s"
    assert metrics["distillgate_accounts"].gauge.data_points[0].as_double == 1


def test_without_an_endpoint_or_without_traces_the_clients_trace_passes_as_it_came(
    model: tuple[Upstream, str],
) -> None:
    app, url = model
    collector = Collector()
    with serve(collector) as receiving, ExitStack() as stack:
        stream(start(stack, url))
        stream(start(stack, url, endpoint=receiving.url, traces=False, metrics=False))

    assert [one.header("traceparent") for one in app.received] == [f"00-{TRACE}-{PARENT}-01"] * 2
    assert collector.taken == []


def test_a_collector_that_is_not_there_costs_no_answer(
    model: tuple[Upstream, str], nowhere: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "0.2")
    with ExitStack() as stack:
        assert "data: [DONE]" in stream(start(stack, model[1], endpoint=nowhere))
