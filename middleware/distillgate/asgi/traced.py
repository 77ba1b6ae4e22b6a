"""An exchange within its spans, where tracing is on: who begins them, and what they are told."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from starlette.types import ASGIApp, Message, Receive, Scope, Send

if TYPE_CHECKING:
    from distillgate.telemetry.otel.spans import Spans


class Forwarding:
    """An application within the upstream's span."""

    def __init__(self, app: ASGIApp, spans: "Spans") -> None:
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
    spans: "Spans", carry: Callable[[Receive, Send], Awaitable[None]], receive: Receive, send: Send
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
