"""The spans of one exchange: the gate's own, and within it that of the upstream's answer.

The gate's is a server's span, whose parent is the client's (W3C Trace Context) or the host's, where
the host traces too. The upstream's is a client's span by the conventions for generative AI, and
what the upstream is told to go on from. Both end when the answer has ended.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.trace import Span, SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from starlette.types import Message, Scope

from distillgate.actions.effect import Effect
from distillgate.policy.decision import Decision
from distillgate.telemetry.otel import conventions
from distillgate.telemetry.otel.conventions import ERROR_TYPE, FIRST_CHUNK, STATUS
from distillgate.wire.exchange import Outcome
from distillgate.wire.operation import Operation
from distillgate.wire.request import Request

_PROPAGATOR = TraceContextTextMapPropagator()
_CARRIED = frozenset(name.encode() for name in _PROPAGATOR.fields)
_LONGEST_PATH = 256
"""Characters of a path that an attribute holds."""
_UPSTREAM_ERROR, _OWN_ERROR = 400, 500
"""From which status on a client's span failed, and a server's (the conventions for HTTP)."""


class Tracer:
    """Begins the spans of exchanges."""

    def __init__(self, provider: trace.TracerProvider) -> None:
        self._tracer = provider.get_tracer("distillgate")

    def begin(self, scope: Scope, operation: Operation, headers: Mapping[str, str]) -> "Spans":
        """Begin an exchange's own span."""
        within = trace.get_current_span().get_span_context().is_valid
        method = scope["method"]
        attributes = {
            "http.request.method": method,
            "url.path": scope["path"][:_LONGEST_PATH],
            "url.scheme": scope.get("scheme", "http"),
        }
        span = self._tracer.start_span(
            f"{method} {operation.name}",
            context=None if within else _PROPAGATOR.extract(headers),
            kind=SpanKind.INTERNAL if within else SpanKind.SERVER,
            attributes=attributes,
        )
        return Spans(self._tracer, span, operation)


class Spans:
    """One exchange's. Those that are not sampled cost no more than handing the trace on."""

    def __init__(self, tracer: trace.Tracer, own: Span, operation: Operation) -> None:
        self._tracer = tracer
        self._own = own
        self._operation = operation
        self._upstream: Span | None = None
        self._began = self._first = self._last = self._over = 0
        """When the upstream was asked, when its answer's body began and ended, and when it was all
        over, in nanoseconds since the epoch; 0 is not yet."""
        self._answered = self._sent = 0
        """The statuses of the upstream and of the gate."""

    @contextmanager
    def forwarding(self, scope: Scope) -> Iterator[Scope]:
        """Begin the upstream's span; yield the scope that hands it on."""
        self._began = time.time_ns()
        asked = conventions.of_request(self._operation)
        self._upstream = span = self._tracer.start_span(
            str(asked["gen_ai.operation.name"]),
            context=trace.set_span_in_context(self._own),
            kind=SpanKind.CLIENT,
            attributes=asked,
            start_time=self._began,
        )
        carrier: dict[str, str] = {}
        _PROPAGATOR.inject(carrier, trace.set_span_in_context(span))
        kept = [pair for pair in scope["headers"] if pair[0].lower() not in _CARRIED]
        given = [(name.encode(), value.encode()) for name, value in carrier.items()]
        with trace.use_span(span, record_exception=False, set_status_on_exception=False):
            yield {**scope, "headers": [*kept, *given]}

    def received(self, message: Message) -> None:
        """Note a message of the upstream's answer."""
        if message["type"] == "http.response.start":
            self._answered = message["status"]
        elif message["type"] == "http.response.body":
            if not self._first and message.get("body"):
                self._first = time.time_ns()
            if not message.get("more_body", False):
                self._last = time.time_ns()

    def sent(self, message: Message) -> None:
        """Note a message of the gate's own answer."""
        if message["type"] == "http.response.start":
            self._sent = message["status"]

    def failed(self, error: BaseException) -> None:
        """Note that the exchange ended by an error of the application, or was given up."""
        self._own.set_attribute(ERROR_TYPE, type(error).__name__)
        self._own.set_status(Status(StatusCode.ERROR))

    def stop(self) -> None:
        """Note that the exchange is over; `ended` says later what it came to."""
        self._over = time.time_ns()

    def leave(self) -> None:
        """End the spans of an exchange that was never judged."""
        if not self._over:
            self._over = time.time_ns()
            self._end()

    def ended(self, request: Request, decision: Decision, effect: Effect, outcome: Outcome) -> None:
        """Write down what the exchange came to, and end its spans."""
        if self._own.is_recording():
            self._own.set_attributes(conventions.of_decision(decision, effect))
            upstream = self._upstream
            if upstream is not None:
                upstream.set_attributes(conventions.of_answer(request, outcome, effect))
                if request.model:
                    name = conventions.of_request(self._operation)["gen_ai.operation.name"]
                    upstream.update_name(f"{name} {request.model}")
                if request.parameters.stream and self._first:
                    upstream.set_attribute(FIRST_CHUNK, (self._first - self._began) / 1e9)
        self._end()

    def _end(self) -> None:
        if self._upstream is not None:
            _close(self._upstream, self._answered, _UPSTREAM_ERROR)
            self._upstream.end(self._last or self._over)
        _close(self._own, self._sent, _OWN_ERROR)
        self._own.end(self._over)


def _close(span: Span, status: int, errors: int) -> None:
    """Note the status of an answer, and whether it is an error to the span's side."""
    if status:
        span.set_attribute(STATUS, status)
    if status >= errors:
        span.set_attribute(ERROR_TYPE, str(status))
        span.set_status(Status(StatusCode.ERROR))
