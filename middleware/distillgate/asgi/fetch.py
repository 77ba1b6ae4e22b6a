"""Answers that are fetched later: what a call in the background came to is read where it passes."""

from functools import partial

from starlette.types import ASGIApp, Receive, Scope, Send

from distillgate.actions.plan import Plan
from distillgate.asgi.answer import Outgoing
from distillgate.asgi.context import Context
from distillgate.wire.exchange import Outcome

_SEGMENTS = 2
"""Segments at a path's end that may name an answer: `…/ID`, and `…/ID/cancel`."""


async def fetching(
    app: ASGIApp, context: Context, scope: Scope, receive: Receive, send: Send
) -> None:
    """Pass a request on that is no call; where its path names an awaited answer, read that too."""
    name = _awaited(context, scope["path"])
    held = None if name is None else context.engine.awaited.get(name, context.clock())
    if name is None or held is None:
        await app(scope, receive, send)
        return
    answer = Outgoing(held.operation, Plan(), context)
    try:
        await app(scope, receive, partial(answer.send, forward=send))
    finally:
        _learn(context, name, answer.close(Outcome(aborted=not answer.complete)))


def _awaited(context: Context, path: str) -> str | None:
    """Return the name that a path ends in, if that is awaited."""
    awaited = context.engine.awaited
    if not len(awaited):
        return None
    for segment in path.rstrip("/").split("/")[: -_SEGMENTS - 1 : -1]:
        if awaited.get(segment, context.clock()) is not None:
            return segment
    return None


def _learn(context: Context, name: str, outcome: Outcome) -> None:
    try:
        if context.engine.fetched(name, outcome, context.clock()):
            context.observer.tokens(outcome.prompt_tokens, outcome.completion_tokens)
    except Exception as error:  # noqa: BLE001 - the answer has passed; only learning is lost
        context.observer.failed("finish", error)
