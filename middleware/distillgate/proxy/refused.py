"""The front's own answers: a refusal as the bytes of a whole response."""

import http

from distillgate.asgi.reference import new_reference
from distillgate.dialects.registry import errors_for
from distillgate.proxy.head import InvalidRequestError
from distillgate.wire.refusal import Problem, refusal
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
        names = {name.decode("latin-1") for name, _ in head.headers}
        problem = Problem(
            status,
            _CODES[status],
            str(error),
            retry_after=1.0 if status == 503 else None,
            should_retry=None if status in (408, 503) else False,
        )
        errors = errors_for(head.method, normal_path(head.path), names)
        refused = refusal(errors, problem, new_reference())
        headers, body = refused.headers, refused.body
    phrase = http.HTTPStatus(status).phrase.encode()
    lines = [b"HTTP/1.1 %d %b" % (status, phrase), *[b"%b: %b" % pair for pair in headers]]
    return b"\r\n".join((*lines, b"connection: close", b"", body))
