"""The host's lifespan, with the gate's own start and end inside it."""

from collections.abc import Awaitable, Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

Step = Callable[[], Awaitable[None]]


async def run(
    app: ASGIApp, scope: Scope, receive: Receive, send: Send, *, start: Step, stop: Step
) -> None:
    """Run the application's lifespan: `start` once it has started, `stop` once it has ended.

    An application that fails, or returns, without receiving anything knows no lifespan (Django,
    many a bare application). The gate then takes the server's messages alone, so that it still
    starts before the first request and ends in order.
    """
    spoken = False

    async def heard() -> Message:
        nonlocal spoken
        spoken = True
        return await receive()

    async def watched(message: Message) -> None:
        nonlocal spoken
        spoken = True
        if message["type"] == "lifespan.startup.complete":
            await start()
        elif message["type"].startswith("lifespan.shutdown."):
            await stop()
        await send(message)

    try:
        await app(scope, heard, watched)
    except Exception:
        if spoken:
            raise
    if not spoken:
        await _alone(receive, watched)


async def fail(error: Exception, receive: Receive, send: Send) -> None:
    """Tell the server that the application cannot start, and raise the reason, as Starlette does.

    Servers go by the message; test clients wait for the exception, and would wait for ever.
    """
    await receive()
    await send({"type": "lifespan.startup.failed", "message": str(error)})
    raise error


async def _alone(receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.complete"})
