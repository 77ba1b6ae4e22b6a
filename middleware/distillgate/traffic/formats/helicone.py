"""Helicone's exports: of `@helicone/export`, of its query API, or of its pages.

Bodies are in them only if they were asked for (`--include-body`).
"""

from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from distillgate.traffic.formats.form import (
    Call,
    Format,
    Record,
    between,
    first,
    parsed,
    path_of,
    seconds,
    when,
    word,
)
from distillgate.wire.fields import integer, mapping


def _read(records: Sequence[Record]) -> Iterator[Call]:
    for record in records:
        asked = first(record, "request_body", "signed_body.request")
        request = dict(mapping(parsed(asked)))
        request.setdefault("model", word(first(record, "request_model", "model")) or "")
        request.setdefault("messages", []) if len(request) == 1 else None
        path = word(first(record, "request_path", "path"))
        begin = when(record.get("request_created_at"))
        latency = seconds(record.get("delay_ms"))
        if latency is None:
            latency = between(begin, when(record.get("response_created_at")))
        yield Call(
            ts=begin,
            account=word(first(record, "request_user_id", "user_id")),
            path=urlsplit(path).path if path else path_of(request),
            request=request,
            answer=parsed(first(record, "response_body", "signed_body.response")),
            status=integer(first(record, "response_status", "status")),
            prompt_tokens=integer(record.get("prompt_tokens")),
            completion_tokens=integer(record.get("completion_tokens")),
            model=word(first(record, "response_model", "model")),
            latency=latency,
            id=word(record.get("request_id")) or "",
            organisation=word(
                first(
                    record,
                    "request_properties.organisation",
                    "request_properties.organization",
                    "properties.organisation",
                    "properties.organization",
                )
            ),
            ip=word(first(record, "request_ip", "request_properties.ip")),
            user_agent=word(first(record, "request_properties.user_agent")),
        )


HELICONE = Format(
    name="helicone",
    about="Helicone's requests (`npx @helicone/export --include-body`, or its query API)",
    read=_read,
    wrappers=frozenset({"data"}),
)
