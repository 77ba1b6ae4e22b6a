"""OpenTelemetry's spans of generative AI, as OTLP JSON, with the events that go with them.

By the semantic conventions up to 1.38, and by OpenLLMetry's (`gen_ai.prompt.0.content`). A trace is
read as a whole: who asked may be told by a span around the call's.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from distillgate.traffic.formats.form import (
    PATHS,
    Call,
    Format,
    Record,
    between,
    messages,
    parsed,
    said,
    when,
    word,
)
from distillgate.wire import document
from distillgate.wire.fields import integer, mapping, sequence

_PARAMETERS = {
    "temperature": "temperature",
    "top_p": "top_p",
    "top_k": "top_k",
    "max_tokens": "max_tokens",
    "frequency_penalty": "frequency_penalty",
    "presence_penalty": "presence_penalty",
    "stop_sequences": "stop",
    "seed": "seed",
    "choice.count": "n",
}
_ACCOUNTS = ("user.id", "enduser.id", "enduser.pseudo.id", "langfuse.user.id")
_ORGANISATIONS = ("organization.id", "tenant.id", "enduser.organization")
_OLD = re.compile(r"gen_ai\.prompt\.(\d+)\.(role|content)")
_TURN = re.compile(r"gen_ai\.(system|user|assistant|tool)\.message")
_FAILED = (2, "STATUS_CODE_ERROR", "2")


def _trace(record: Record) -> str | None:
    return word(record.get("traceId"))


def _read(records: Sequence[Record]) -> Iterator[Call]:
    spans = {word(one.get("spanId")): _Span(one) for one in records if _is_span(one)}
    for event in (one for one in records if not _is_span(one)):
        if (about := spans.get(word(event.get("spanId")))) is not None:
            about.add(event)
    asking = {name for name, span in spans.items() if span.path is not None}
    for span in spans.values():
        # Of calls within calls (a gateway's, and its client's) the outermost is what was asked.
        if span.path is not None and not _above(span, spans) & asking:
            yield span.call(_around(span, spans))


def _is_span(record: Record) -> bool:
    return "startTimeUnixNano" in record


def _above(span: "_Span", spans: Mapping[str | None, "_Span"]) -> set[str | None]:
    found: set[str | None] = set()
    name = span.parent
    while name is not None and name not in found:
        found.add(name)
        name = spans[name].parent if name in spans else None
    return found


def _around(span: "_Span", spans: Mapping[str | None, "_Span"]) -> Mapping[str, Any]:
    """Return what all spans of a trace say, those of the span itself first."""
    every: dict[str, Any] = {}
    for other in (span, *(spans[name] for name in _above(span, spans) if name in spans)):
        every = {**other.told, **every}
    for other in spans.values():
        every = {**other.told, **every}
    return every


class _Span:
    def __init__(self, record: Record) -> None:
        self.record = record
        self.told = _attributes(record)
        self.parent = word(record.get("parentSpanId"))
        self._turns: list[dict[str, Any]] = []
        self._said: list[str] = []
        operation = word(self.told.get("gen_ai.operation.name"))
        if operation is None and "gen_ai.request.model" in self.told:
            operation = word(self.told.get("llm.request.type")) or "chat"
        self.path = PATHS["chat"] if operation == "generate_content" else PATHS.get(operation or "")
        for event in sequence(record.get("events")):
            self.add(mapping(event))

    def add(self, event: Record) -> None:
        """Take an event of the call: a turn, the answer, or attributes of its own."""
        told = _attributes(event)
        name = (
            word(event.get("eventName")) or word(event.get("name")) or word(told.get("event.name"))
        )
        body = _value(event.get("body"))
        held = {**told, **(body if isinstance(body, dict) else {})}
        if (turn := _TURN.fullmatch(name or "")) is not None:
            self._turns.append({"role": turn[1], "content": held.get("content") or ""})
        elif name == "gen_ai.choice":
            self._said.append(said(held) or "")
        else:
            self.told = {**told, **self.told}

    def call(self, around: Mapping[str, Any]) -> Call:
        """Return the call that the span tells of."""
        told, record = self.told, self.record
        begin, end = when(record.get("startTimeUnixNano")), when(record.get("endTimeUnixNano"))
        request: dict[str, Any] = {"model": word(told.get("gen_ai.request.model")) or ""}
        for name, ours in _PARAMETERS.items():
            if (value := told.get(f"gen_ai.request.{name}")) is not None:
                request[ours] = value
        if tools := parsed(told.get("gen_ai.tool.definitions")):
            request["tools"] = tools
        asked = self._asked()
        embeds = self.path == PATHS["embeddings"]
        request["input" if embeds else "messages"] = asked
        reasons = parsed(told.get("gen_ai.response.finish_reasons"))
        return Call(
            ts=begin,
            account=_word(around, *_ACCOUNTS),
            path=self.path or PATHS["chat"],
            request=request,
            text=self._answered(),
            status=self._status(),
            prompt_tokens=_count(told, "input_tokens", "prompt_tokens"),
            completion_tokens=_count(told, "output_tokens", "completion_tokens"),
            finish_reason=word(next(iter(reasons), None)) if isinstance(reasons, list) else None,
            model=word(told.get("gen_ai.response.model")),
            latency=between(begin, end),
            id=word(record.get("spanId")) or "",
            organisation=_word(around, *_ORGANISATIONS),
            ip=_word(around, "client.address", "http.client_ip"),
            user_agent=_word(around, "user_agent.original", "http.user_agent"),
        )

    def _asked(self) -> list[Any]:
        told = self.told
        system = _text(told.get("gen_ai.system_instructions"))
        turns = [{"role": "system", "content": system}] if system else []
        whole = told.get("gen_ai.input.messages", told.get("gen_ai.prompt"))
        if whole is not None:
            for turn in messages(whole):
                turns += _chat(turn)
            return turns
        old: dict[int, dict[str, Any]] = {}
        for name, value in told.items():
            if (place := _OLD.fullmatch(name)) is not None:
                old.setdefault(int(place[1]), {"role": "user"})[place[2]] = parsed(value)
        return turns + [old[place] for place in sorted(old)] + self._turns

    def _answered(self) -> str | None:
        told = self.told
        whole = told.get("gen_ai.output.messages", told.get("gen_ai.completion"))
        if whole is None:
            whole = told.get("gen_ai.completion.0.content")
        return said(whole) or "".join(self._said) or None

    def _status(self) -> int:
        told = self.told
        for name in ("http.response.status_code", "error.type"):
            if (status := integer(told.get(name))) is not None:
                return status
        failed = mapping(self.record.get("status")).get("code") in _FAILED
        return 500 if failed else 200


def _chat(turn: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a turn of the conventions as turns of a chat."""
    parts = turn.get("parts")
    if not isinstance(parts, list):
        yield dict(turn)
        return
    calls = []
    for part in map(mapping, parts):
        if part.get("type") == "tool_call":
            function = {"name": part.get("name"), "arguments": _written(part.get("arguments"))}
            calls.append({"id": part.get("id"), "type": "function", "function": function})
        elif part.get("type") == "tool_call_response":
            given = part.get("response", part.get("result"))
            yield {"role": "tool", "tool_call_id": part.get("id"), "content": _written(given)}
    text = _text(parts)
    if text or calls:
        said_so = {"role": turn.get("role"), "content": text}
        yield {**said_so, "tool_calls": calls} if calls else said_so


def _text(parts: Any) -> str:
    parts = parsed(parts)
    if isinstance(parts, str):
        return parts
    told = (mapping(part) for part in sequence(parts))
    return "\n".join(
        str(one["content"]) for one in told if one.get("type") == "text" and "content" in one
    )


def _written(value: Any) -> str:
    return value if isinstance(value, str) else document.write(value).decode()


def _word(told: Mapping[str, Any], *names: str) -> str | None:
    return next((found for name in names if (found := word(told.get(name)))), None)


def _count(told: Mapping[str, Any], *names: str) -> int | None:
    counts = (integer(told.get(f"gen_ai.usage.{name}")) for name in names)
    return next((count for count in counts if count is not None), None)


def _attributes(record: Record) -> dict[str, Any]:
    pairs = map(mapping, sequence(record.get("attributes")))
    return {str(pair.get("key")): _value(pair.get("value")) for pair in pairs}


def _value(value: Any) -> Any:
    """Return what an OTLP value holds."""
    for kind, held in mapping(value).items():
        if kind == "intValue":
            return integer(held)
        if kind == "arrayValue":
            return [_value(one) for one in sequence(mapping(held).get("values"))]
        if kind == "kvlistValue":
            pairs = map(mapping, sequence(mapping(held).get("values")))
            return {str(pair.get("key")): _value(pair.get("value")) for pair in pairs}
        return held
    return None


OTEL = Format(
    name="otel",
    about="OpenTelemetry's spans of generative AI (OTLP JSON, one document or one a line)",
    read=_read,
    key=_trace,
    wrappers=frozenset({
        "resourceSpans", "scopeSpans", "spans", "resourceLogs", "scopeLogs", "logRecords",
    }),
)  # fmt: skip
