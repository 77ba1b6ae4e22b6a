"""The bodies and headers of a "no" that SDKs already understand.

openai-python retries 408, 409, 429 and 5xx twice unless `x-should-retry` says otherwise, and not
at all where `retry-after` is over 120 seconds; anthropic-python waits whatever it is told. Neither
retries 403. Both name their exceptions by the status, and carry the body's `code` (OpenAI) or
`details.error_code` (Anthropic) and the request id from `x-request-id` or `request-id`.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import orjson

RETRY_LIMIT = 120.0
"""Seconds; past it openai-python gives up instead of waiting."""

_REFERENCE_LIMIT = 128
"""Characters of a reference; it may be the client's own `x-request-id`."""


class Problem(NamedTuple):
    """Why a client gets no answer, whatever API it speaks."""

    status: int
    code: str
    """The machine-readable reason."""
    message: str
    """The same for people; the reference and the contact are added to it."""
    retry_after: float | None = None
    """Seconds; told rounded up, from 1 to 120 so that openai-python still retries."""
    should_retry: bool | None = None
    """What `x-should-retry` says; None sends none."""


def server_sent(document: bytes) -> bytes:
    """Frame an error that ends a stream of server-sent events.

    Begins with a blank line, so that it is an event of its own wherever the stream broke off.
    """
    return b"\n\ndata: " + document + b"\n\n"


@dataclass(frozen=True, slots=True, eq=False)
class Errors:
    """How an API tells its clients of a problem."""

    document: Callable[[Problem, str], dict[str, object]]
    """Makes the body of a problem and the reference that people ask about it by."""
    reference: bytes = b"x-request-id"
    """The header that names the reference."""
    event: Callable[[bytes], bytes] = server_sent
    """Frames a body as the end of a broken stream."""
    sign: str = ""
    """A header that only this API's clients send."""
    named: Callable[[Problem], tuple[bytes, bytes]] | None = None
    """Makes the header by which clients tell one problem from another, where the body is not it."""


@dataclass(slots=True)
class Refusal:
    """A complete answer: status, headers, body. The surfaces only send it."""

    status: int
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""


def refusal(
    errors: Errors, problem: Problem, reference: str, contact: str = "", appeal: str = ""
) -> Refusal:
    """Build the answer that tells a client of a problem in its API's own shape."""
    reference = _header_safe(reference)
    body = _written(errors, problem, reference, contact, appeal)
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", b"%d" % len(body)),
    ]
    if reference:
        headers.append((errors.reference, reference.encode()))
    if errors.named is not None:
        headers.append(errors.named(problem))
    if problem.retry_after is not None:
        asked = problem.retry_after
        wait = min(max(asked, 1.0), RETRY_LIMIT) if asked > 0 else 1.0
        headers.append((b"retry-after", b"%d" % math.ceil(wait)))
        headers.append((b"retry-after-ms", b"%d" % math.ceil(wait * 1000)))
    if problem.should_retry is not None:
        headers.append((b"x-should-retry", b"true" if problem.should_retry else b"false"))
    return Refusal(problem.status, headers, body)


def stream_error(errors: Errors, problem: Problem, reference: str) -> bytes:
    """Build what ends a broken stream with an error that SDKs raise."""
    return errors.event(_written(errors, problem, _header_safe(reference)))


def _written(
    errors: Errors, problem: Problem, reference: str, contact: str = "", appeal: str = ""
) -> bytes:
    text = _addressed(problem.message, reference, contact, appeal)
    return orjson.dumps(errors.document(problem._replace(message=text), reference))


def _addressed(message: str, reference: str, contact: str, appeal: str) -> str:
    parts = [message]
    if reference and reference not in message:
        parts.append(f"Reference: {reference}.")
    if contact and contact not in message:
        parts.append(f"Contact: {contact}.")
    if appeal:
        parts.append(f"Ask a person to look at it: {appeal}")
    # A message may quote what the client sent: half a surrogate pair must not break the answer.
    return " ".join(parts).encode("utf-8", "replace").decode()


def _header_safe(reference: str) -> str:
    # A client's own id must not end the header it is put in.
    return "".join(c for c in reference[:_REFERENCE_LIMIT] if "!" <= c <= "~")
