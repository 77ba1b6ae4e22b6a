"""An exchange within its spans, where tracing is on: who begins them, and what they are told."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractContextManager
from typing import Protocol

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from distillgate.actions.effect import Effect
from distillgate.policy.decision import Decision
from distillgate.wire.exchange import Outcome
from distillgate.wire.operation import Operation
from distillgate.wire.request import Request


class Spans(Protocol):
    """The spans of one exchange. Called on the event loop: quick, and never raising."""

    def forwarding(self, scope: Scope) -> AbstractContextManager[Scope]:
        """Begin the upstream's span; return the scope that hands it on."""

    def received(self, message: Message) -> None:
        """Hear a message of the upstream's answer."""

    def sent(self, message: Message) -> None:
        """Hear a message of the gate's own answer."""

    def failed(self, error: BaseException) -> None:
        """Hear that the application raised, or that nobody waits any more."""

    def stop(self) -> None:
        """Hear that the exchange is over; `ended` says later what it came to."""

    def ended(self, request: Request, decision: Decision, effect: Effect, outcome: Outcome) -> None:
        """Hear what the exchange came to."""

    def leave(self) -> None:
        """Hear that nothing more will be told, unless `stop` was."""


class Tracer(Protocol):
    """Begins the spans of exchanges."""

    def begin(self, scope: Scope, operation: Operation, headers: Mapping[str, str]) -> Spans:
        """Begin those of one."""


class Forwarding:
    """An application within the upstream's span."""

    def __init__(self, app: ASGIApp, spans: Spans) -> None:
        self._app = app
        self._spans = spans

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on."""

        async def watched(message: Message) -> None:
            self._spans.received(message)
            await send(message)

        with self._spans.forwarding(scope) as handed:
            await self._app(handed, receive, watched)


async def within(
    spans: Spans, carry: Callable[[Receive, Send], Awaitable[None]], receive: Receive, send: Send
) -> None:
    """Carry an exchange within its own span."""

    async def watched(message: Message) -> None:
        spans.sent(message)
        await send(message)

    try:
        await carry(receive, watched)
    except BaseException as error:
        spans.failed(error)
        raise
    finally:
        spans.leave()
