"""Cloudflare AI Gateway's logs: of its API, or pushed.

Logs that are pushed hold bodies encrypted: without the private key they are not known.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from distillgate.traffic.formats.form import (
    Call,
    Format,
    Record,
    first,
    parsed,
    path_of,
    seconds,
    when,
    word,
)
from distillgate.wire.fields import integer, mapping

_ACCOUNTS = ("account", "user", "user_id", "userId", "customer", "customer_id", "account_id")


def _read(records: Sequence[Record]) -> Iterator[Call]:
    for record in records:
        request = dict(mapping(_plain(first(record, "request", "request_body", "RequestBody"))))
        model = word(first(record, "RequestedModel", "model", "Model"))
        request.setdefault("model", model or "")
        request.setdefault("messages", []) if len(request) == 1 else None
        metadata = {"metadata": first(record, "metadata", "Metadata")}
        path = word(first(record, "path", "Endpoint"))
        named = f"/{path.lstrip('/').partition('?')[0]}" if path else None
        duration = first(record, "duration", "Metrics.durationMs")
        success = record.get("success")
        status = integer(first(record, "status_code", "StatusCode"))
        yield Call(
            ts=when(first(record, "created_at", "Timestamp")),
            account=word(first(metadata, *(f"metadata.{name}" for name in _ACCOUNTS))),
            path=named or path_of(request),
            request=request,
            answer=_plain(first(record, "response", "response_body", "ResponseBody")),
            status=200 if status is None and success is True else status,
            prompt_tokens=integer(first(record, "tokens_in", "Metrics.tokensIn")),
            completion_tokens=integer(first(record, "tokens_out", "Metrics.tokensOut")),
            model=word(first(record, "model", "Model")),
            latency=seconds(duration),
            id=word(record.get("id")) or "",
            plan=word(first(metadata, "metadata.plan")),
            organisation=word(
                first(metadata, "metadata.organisation", "metadata.organization", "metadata.team")
            ),
            user_agent=word(first(record, "user_agent")),
        )


def _plain(value: Any) -> Any:
    value = parsed(value)
    return None if isinstance(value, dict) and value.get("type") == "encrypted" else value


CLOUDFLARE = Format(
    name="cloudflare",
    about="Cloudflare AI Gateway's logs (its API, or pushed)",
    read=_read,
    wrappers=frozenset({"result"}),
)
