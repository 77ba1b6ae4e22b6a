"""Tasks that end when they are told to."""

import asyncio
import contextlib

_AGAIN_SECONDS = 0.1
"""How long a task may take to end that was cancelled, before it is cancelled again."""


async def end(*tasks: asyncio.Future[None]) -> None:
    """Cancel tasks until they have ended: a client may take a cancellation for a time-out."""
    while waiting := [task for task in tasks if not task.done()]:
        for task in waiting:
            task.cancel()
        await asyncio.wait(waiting, timeout=_AGAIN_SECONDS)
    for task in tasks:
        # A cancelled task keeps its error, and that the frames it went through with all they had,
        # until somebody asks for it: then it is given away.
        with contextlib.suppress(asyncio.CancelledError):
            task.exception()
