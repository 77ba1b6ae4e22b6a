"""Langfuse's exports: observations, enriched or beside their traces, or of its API."""

from collections.abc import Iterator, Sequence
from typing import Any

from distillgate.traffic.formats.form import (
    PATHS,
    Call,
    Format,
    Record,
    between,
    first,
    messages,
    parsed,
    path_of,
    said,
    when,
    word,
)
from distillgate.wire.fields import integer, mapping

_FAILED = {"ERROR": 500}


def _trace(record: Record) -> str | None:
    told = word(first(record, "trace_id", "traceId"))
    return told or (None if "type" in record else word(record.get("id")))


def _read(records: Sequence[Record]) -> Iterator[Call]:
    traces = [record for record in records if "type" not in record]
    for record in records:
        if record.get("type") in ("GENERATION", "EMBEDDING"):
            yield _call(record, traces)


def _call(record: Record, traces: Sequence[Record]) -> Call:
    def field(*names: str) -> Any:
        # Camels are the API's, snakes the export's.
        every = [spelt for name in names for spelt in (name, _camel(name))]
        own = first(record, *every)
        return own if own is not None else _any(traces, every)

    request = dict(mapping(parsed(field("model_parameters")))) | _asked(record)
    request.setdefault("model", word(field("provided_model_name", "model")) or "")
    begin, end = when(field("start_time")), when(field("end_time"))
    output = parsed(record.get("output"))
    shaped = isinstance(output, dict) and bool({"choices", "candidates"} & output.keys())
    return Call(
        ts=begin,
        account=word(field("user_id")),
        path=PATHS["embedding"] if record["type"] == "EMBEDDING" else path_of(request),
        request=request,
        answer=output if shaped else None,
        text=None if shaped else said(output),
        status=_FAILED.get(str(record.get("level")), 200),
        prompt_tokens=integer(field("usage_details.input", "usage.input", "usage.promptTokens")),
        completion_tokens=integer(
            field("usage_details.output", "usage.output", "usage.completionTokens")
        ),
        model=word(field("model", "provided_model_name")),
        latency=between(begin, end),
        id=word(record.get("id")) or "",
        organisation=word(field("metadata.organisation", "metadata.organization")),
    )


def _asked(record: Record) -> dict[str, Any]:
    """Return what was asked: a body in its API's shape, the turns of a chat, or texts."""
    asked = parsed(record.get("input"))
    whole = mapping(asked)
    if {"messages", "contents", "prompt"} & whole.keys():
        return dict(whole)
    if record["type"] == "EMBEDDING":
        return {"input": asked if asked is not None else ""}
    return {"messages": messages(asked)}


def _any(traces: Sequence[Record], names: Sequence[str]) -> Any:
    return next((value for one in traces if (value := first(one, *names)) is not None), None)


def _camel(name: str) -> str:
    first_word, *rest = name.split("_")
    return first_word + "".join(part[:1].upper() + part[1:] for part in rest)


LANGFUSE = Format(
    name="langfuse",
    about="Langfuse's observations (blob storage, with traces or enriched; its API or pages)",
    read=_read,
    key=_trace,
    wrappers=frozenset({"data"}),
)
