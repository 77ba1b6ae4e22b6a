"""Answers that the upstream kept, on their way out: what was taken of one is taken of it again, and
what a call in the background came to is read where it passes.
"""

from functools import partial

from starlette.types import ASGIApp, Receive, Scope, Send

from distillgate.actions.plan import Plan
from distillgate.asgi import body as bodies
from distillgate.asgi.answer import Outgoing, effect_of
from distillgate.asgi.context import Context
from distillgate.asgi.identity import first_values
from distillgate.asgi.reference import JUDGED, REFERENCE, Named, named
from distillgate.engine.queries import Queries
from distillgate.policy.decision import Decision
from distillgate.wire.exchange import Outcome
from distillgate.wire.operation import Operation
from distillgate.wire.request import from_document
from distillgate.wire.target import plain_path

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
    for segment in plain_path(path).split("/")[: -_SEGMENTS - 1 : -1]:
        if awaited.get(segment, context.clock()) is not None:
            return segment
    return None


def _learn(context: Context, name: str, outcome: Outcome) -> None:
    try:
        if context.engine.fetched(name, outcome, context.clock()):
            context.observer.tokens(outcome.prompt_tokens, outcome.completion_tokens)
    except Exception as error:  # noqa: BLE001 - the answer has passed; only learning is lost
        context.observer.failed("finish", error)


class Stored:
    """Carries requests for kept answers; they are neither scored nor charged."""

    def __init__(self, app: ASGIApp, context: Context) -> None:
        self._app = app
        self._context = context

    async def __call__(
        self, operation: Operation, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Pass one on, and change its answer where its account's measures say so."""
        name = named(first_values(scope["headers"]))
        found = self._found(operation, scope, name.reference)
        if found is None:
            await self._app(scope, receive, send)
            return
        plan, decision = found
        scope[REFERENCE], scope[JUDGED] = name.reference, (decision, plan)
        answer = Outgoing(operation, plan, self._context)
        scope = bodies.rewritten(scope, None, plan.request_headers)
        try:
            await self._app(scope, receive, partial(answer.send, forward=send))
        finally:
            self._tell(plan, decision, answer, name)

    def _found(
        self, operation: Operation, scope: Scope, reference: str
    ) -> tuple[Plan, Decision] | None:
        context = self._context
        try:
            identity = context.identifier.identify(scope, first_values(scope["headers"]))
            if identity is None:
                return None
            exchange = identity.exchange(from_document(operation, {}), scope["path"], reference)
            return Queries(context.engine).stored(exchange, context.clock())
        except Exception as error:  # noqa: BLE001 - a gate that breaks must not break its host
            context.observer.failed("judge", error)
            return None

    def _tell(self, plan: Plan, decision: Decision, answer: Outgoing, name: Named) -> None:
        """Keep what the client got, where that is another answer than the one that was kept."""
        try:
            outcome = answer.close(Outcome(aborted=not answer.complete))
            effect = effect_of(decision, plan, answer, outcome, name)
            if effect.touched:
                self._context.observer.fetched(decision, effect)
        except Exception as error:  # noqa: BLE001 - the answer has passed
            self._context.observer.failed("finish", error)
