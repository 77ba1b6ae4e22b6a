"""Langfuse's exports: observations, enriched or beside their traces, or of its API."""

from collections.abc import Iterator, Sequence
from typing import Any

from distillgate.traffic.formats.form import (
    CHAT,
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
        kind = word(record.get("type"))
        if kind not in ("GENERATION", "EMBEDDING"):
            continue

        def told(*names: str, record: Record = record) -> Any:
            # Camels are the API's, snakes the export's.
            every = [spelt for name in names for spelt in (name, _camel(name))]
            own = first(record, *every)
            return own if own is not None else _any(traces, every)

        asked = parsed(record.get("input"))
        request = dict(mapping(parsed(told("model_parameters"))))
        whole = mapping(asked)
        if {"messages", "contents", "prompt"} & whole.keys():
            request |= whole
        elif kind == "EMBEDDING":
            request["input"] = asked if asked is not None else ""
        else:
            request["messages"] = messages(asked)
        request.setdefault("model", word(told("provided_model_name", "model")) or "")
        begin, end = when(told("start_time")), when(told("end_time"))
        output = parsed(record.get("output"))
        shaped = isinstance(output, dict) and bool({"choices", "candidates"} & output.keys())
        path = PATHS["embedding"] if kind == "EMBEDDING" else path_of(request)
        yield Call(
            ts=begin,
            account=word(told("user_id")),
            path=path or CHAT,
            request=request,
            answer=output if shaped else None,
            text=None if shaped else said(output),
            status=_FAILED.get(str(record.get("level")), 200),
            prompt_tokens=integer(told("usage_details.input", "usage.input", "usage.promptTokens")),
            completion_tokens=integer(
                told("usage_details.output", "usage.output", "usage.completionTokens")
            ),
            model=word(told("model", "provided_model_name")),
            latency=between(begin, end),
            id=word(record.get("id")) or "",
            organisation=word(told("metadata.organisation", "metadata.organization")),
        )


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
