"""Answers that the upstream kept, on their way out: what was taken of one is taken of it again."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from distillgate.actions.plan import Plan
from distillgate.asgi import body as bodies
from distillgate.asgi.answer import Outgoing
from distillgate.asgi.context import Context
from distillgate.asgi.identity import first_values
from distillgate.engine.queries import Queries
from distillgate.wire.operation import Operation
from distillgate.wire.request import from_document


class Stored:
    """Carries requests for kept answers; they are neither scored nor charged."""

    def __init__(self, app: ASGIApp, context: Context) -> None:
        self._app = app
        self._context = context

    async def __call__(
        self, operation: Operation, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Pass one on, and change its answer where its account's measures say so."""
        plan = self._plan(operation, scope)
        if plan.edit is None:
            await self._app(scope, receive, send)
            return
        answer = Outgoing(operation, plan, self._context)

        async def sending(message: Message) -> None:
            await answer.send(message, send)

        await self._app(bodies.rewritten(scope, None, plan.request_headers), receive, sending)

    def _plan(self, operation: Operation, scope: Scope) -> Plan:
        context = self._context
        try:
            identity = context.identifier.identify(scope, first_values(scope["headers"]))
            if identity is None:
                return Plan()
            exchange = identity.exchange(from_document(operation, {}), scope["path"])
            return Queries(context.engine).stored(exchange, context.clock())
        except Exception as error:  # noqa: BLE001 - a gate that breaks must not break its host
            context.observer.failed("judge", error)
            return Plan()
