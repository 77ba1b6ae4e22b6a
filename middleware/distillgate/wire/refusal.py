"""The bodies and headers of a "no" that SDKs already understand.

openai-python retries 408, 409, 429 and 5xx twice unless `x-should-retry` says otherwise, and not
at all where `retry-after` is over 120 seconds; anthropic-python waits whatever it is told. Neither
retries 403. Both name their exceptions by the status, and carry the body's `code` (OpenAI) or
`details.error_code` (Anthropic) and the request id from `x-request-id` or `request-id`.
"""

import math
from dataclasses import dataclass, field

import orjson

from distillgate.wire.operation import Dialect

RETRY_LIMIT = 120.0
"""Seconds; past it openai-python gives up instead of waiting."""

_REFERENCE_LIMIT = 128
"""Characters of a reference; it may be the client's own `x-request-id`."""


@dataclass(slots=True)
class Refusal:
    """A complete answer: status, headers, body. The surfaces only send it."""

    status: int
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""


_OPENAI_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "invalid_request_error",
    429: "rate_limit_error",
    503: "service_unavailable_error",
}
_ANTHROPIC_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    503: "overloaded_error",
    504: "timeout_error",
    529: "overloaded_error",
}
_GOOGLE_STATUSES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    413: "INVALID_ARGUMENT",
    429: "RESOURCE_EXHAUSTED",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}
_OPENAI_CODES = {"rate_limit": "rate_limit_exceeded"}
"""Reasons for which OpenAI has a code of its own, that clients look for."""


def refusal(  # noqa: PLR0913 - keywords, each a part of the answer
    dialect: Dialect,
    *,
    status: int,
    code: str,
    message: str,
    reference: str,
    retry_after: float | None = None,
    should_retry: bool | None = None,
    contact: str | None = None,
) -> Refusal:
    """Build an answer of `status` in the dialect's error shape.

    `code` is the machine-readable reason; `reference` becomes `x-request-id` (OpenAI) or
    `request-id` and `request_id` (Anthropic), and the message names it, and `contact`, to people.
    `retry_after` (seconds, rounded up, from 1 to 120 so that openai-python still retries) sets
    `retry-after` and `retry-after-ms`; `should_retry` sets `x-should-retry`.

    OpenAI's `code` for `rate_limit` is its own `rate_limit_exceeded`.
    """
    reference = _header_safe(reference)
    text = _addressed(message, reference, contact)
    body = orjson.dumps(_document(dialect, status, code, text, reference))
    name = b"request-id" if dialect is Dialect.ANTHROPIC else b"x-request-id"
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", b"%d" % len(body)),
    ]
    if reference:
        headers.append((name, reference.encode()))
    if retry_after is not None:
        wait = min(max(retry_after, 1.0), RETRY_LIMIT) if retry_after > 0 else 1.0
        headers.append((b"retry-after", b"%d" % math.ceil(wait)))
        headers.append((b"retry-after-ms", b"%d" % math.ceil(wait * 1000)))
    if should_retry is not None:
        headers.append((b"x-should-retry", b"true" if should_retry else b"false"))
    return Refusal(status, headers, body)


def stream_error(dialect: Dialect, *, code: str, message: str, reference: str) -> bytes:
    """Build the server-sent event that ends a broken stream with an error both SDKs raise.

    Begins with a blank line, so that it is an event of its own wherever the stream broke off.
    """
    reference = _header_safe(reference)
    text = _addressed(message, reference, None)
    status = 504 if "timeout" in code else 503 if "overload" in code else 502
    data = orjson.dumps(_document(dialect, status, code, text, reference))
    if dialect is Dialect.OLLAMA:
        return b"\n" + data + b"\n"
    name = b"event: error\n" if dialect is Dialect.ANTHROPIC else b""
    return b"\n\n" + name + b"data: " + data + b"\n\n"


def _document(
    dialect: Dialect, status: int, code: str, message: str, reference: str
) -> dict[str, object]:
    if dialect is Dialect.ANTHROPIC:
        kind = _ANTHROPIC_TYPES.get(status, "api_error")
        error: dict[str, object] = {
            "type": kind,
            "message": message,
            "details": {"error_code": code},
        }
        return {"type": "error", "error": error, "request_id": reference}
    if dialect is Dialect.OLLAMA:
        return {"error": message, "code": code}
    if dialect is Dialect.GOOGLE:
        name = _GOOGLE_STATUSES.get(status, "INTERNAL")
        info = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": code}
        error = {"code": status, "message": message, "status": name, "details": [info]}
        return {"error": error}
    return {
        "error": {
            "message": message,
            "type": _OPENAI_TYPES.get(status, "server_error"),
            "param": None,
            "code": _OPENAI_CODES.get(code, code),
        }
    }


def _addressed(message: str, reference: str, contact: str | None) -> str:
    parts = [message]
    if reference and reference not in message:
        parts.append(f"Reference: {reference}.")
    if contact and contact not in message:
        parts.append(f"Contact: {contact}.")
    # A message may quote what the client sent: half a surrogate pair must not break the answer.
    return " ".join(parts).encode("utf-8", "replace").decode()


def _header_safe(reference: str) -> str:
    # A client's own id must not end the header it is put in.
    return "".join(c for c in reference[:_REFERENCE_LIMIT] if "!" <= c <= "~")
