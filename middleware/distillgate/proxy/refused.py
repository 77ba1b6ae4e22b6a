"""The front's own answers: a refusal as the bytes of a whole response."""

import http
import uuid

from distillgate.proxy.head import InvalidRequestError
from distillgate.wire.operation import Dialect, match
from distillgate.wire.refusal import refusal
from distillgate.wire.target import normal_path

_CODES = {
    400: "invalid_request",
    408: "request_timeout",
    414: "request_line_too_long",
    431: "headers_too_large",
    503: "overloaded",
    505: "http_version_not_supported",
}


def written(error: InvalidRequestError) -> bytes:
    """Return a refusal as bytes: in the API's own shape where the path is known, else as text."""
    status, head = error.status, error.head
    if head is None or not head.raw_path:
        body = f"{error}\n".encode()
        headers = [
            (b"content-type", b"text/plain; charset=utf-8"),
            (b"content-length", b"%d" % len(body)),
        ]
    else:
        named = any(name == b"anthropic-version" for name, _ in head.headers)
        operation = match(head.method, normal_path(head.path))
        dialect = Dialect.ANTHROPIC if named else Dialect.OPENAI
        refused = refusal(
            dialect if operation is None else operation.dialect,
            status=status,
            code=_CODES[status],
            message=str(error),
            reference=uuid.uuid4().hex,
            retry_after=1.0 if status == 503 else None,
            should_retry=None if status in (408, 503) else False,
        )
        headers, body = refused.headers, refused.body
    phrase = http.HTTPStatus(status).phrase.encode()
    lines = [b"HTTP/1.1 %d %b" % (status, phrase), *[b"%b: %b" % pair for pair in headers]]
    return b"\r\n".join((*lines, b"connection: close", b"", body))
