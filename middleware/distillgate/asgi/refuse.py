"""Answers of the gate's own: what its bounds and its failures tell a client."""

from collections.abc import Iterable

from starlette.types import Receive, Send

from distillgate.asgi import body as bodies
from distillgate.asgi.context import Context
from distillgate.asgi.cors import OWN
from distillgate.asgi.reference import new_reference
from distillgate.dialects import openai
from distillgate.wire.operation import Operation
from distillgate.wire.refusal import Problem, Refusal, refusal

CROWDED_SECONDS = 5.0
"""How long a client waits that came while all room for bodies was taken."""


CROWDED = Problem(
    503,
    "overloaded",
    "Too many long requests are under way: please try again in a moment.",
    CROWDED_SECONDS,
    should_retry=True,
)
UNAVAILABLE = Problem(503, "unavailable", "The service is unavailable for a moment.")
"""Of a gate that failed and is configured to fail closed."""


def too_large(max_bytes: int) -> Problem:
    """Return the 413 of a body past the bound (RFC 9110 section 15.5.14)."""
    message = f"The request is larger than {max_bytes} bytes."
    return Problem(413, "request_too_large", message, should_retry=False)


def unreadable(
    context: Context, operation: Operation | None, reason: str, reference: str = ""
) -> Refusal | None:
    """Count a call that cannot be read, or can be read in more than one way.

    Return its refusal, or None where `asgi.unread` passes it on.
    """
    if context.settings.unread == "pass":
        context.observer.unread(operation, reason)
        return None
    reference = reference or new_reference()
    context.observer.unread(operation, reason, answered=reference)
    why = "no known call" if operation is None else reason
    message = (
        f"The request cannot be read in one way ({why}). Send plain UTF-8 JSON to a known path,"
        " with no key repeated or written in another case."
    )
    problem = Problem(400, "unreadable_request", message, should_retry=False)
    return refusal(openai.ERRORS if operation is None else operation.errors, problem, reference)


async def respond(
    answer: Refusal, send: Send, extra: Iterable[tuple[bytes, bytes]] = (), *, more: bool = False
) -> None:
    """Send an answer; with `more` its end is left to the caller."""
    headers = [*answer.headers, *extra]
    start = {"type": "http.response.start", "status": answer.status, "headers": headers, OWN: True}
    await send(start)
    await send({"type": "http.response.body", "body": answer.body, "more_body": more})


async def respond_early(answer: Refusal, receive: Receive, send: Send, *, max_bytes: int) -> None:
    """Send an answer while the request still comes, and read on so that the client can read it.

    With `max_bytes` of 0 all of it has come.
    """
    await respond(answer, send, more=max_bytes > 0)
    if max_bytes > 0:
        await bodies.drain(receive, max_bytes=max_bytes)
        await send({"type": "http.response.body", "body": b""})
