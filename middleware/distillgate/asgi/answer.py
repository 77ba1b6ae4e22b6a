"""The answer of one exchange on its way out: read beside, changed where the plan says so."""

import asyncio

from starlette.types import Message

from distillgate.actions.pace import Pacer
from distillgate.actions.plan import Plan
from distillgate.actions.rewrite import Rewriter, rewriter
from distillgate.asgi.context import Context
from distillgate.asgi.identity import first_values
from distillgate.wire.exchange import Outcome
from distillgate.wire.operation import Operation
from distillgate.wire.response import Tap

_STALE = frozenset(
    {b"content-length", b"content-encoding", b"content-md5", b"content-digest", b"digest", b"etag"}
)
"""What an answer's headers say of bytes that will be others."""


class Outgoing:
    """Takes the messages of one answer, gives those to send.

    What is learned is learned from what the upstream sent. A failure in here is the gate's own: it
    is counted, and the rest of the answer passes as it comes.
    """

    def __init__(self, operation: Operation, plan: Plan, context: Context) -> None:
        self._operation = operation
        self._plan = plan
        self._context = context
        self._tap: Tap | None = None
        self._reading = False
        self._rewriter: Rewriter | None = None
        self._pacer: Pacer | None = None

    def start(self, message: Message) -> Message:
        """Take `http.response.start`."""
        given, plan = message.get("headers", ()), self._plan
        headers = first_values(given)
        kind, encoding = headers.get("content-type", ""), headers.get("content-encoding", "")
        status = message["status"]
        self._tap = Tap(
            self._operation, status=status, content_type=kind, content_encoding=encoding
        )
        self._reading = True
        if plan.edit is not None:
            try:
                self._rewriter = rewriter(
                    plan.edit, status=status, content_type=kind, encoding=encoding
                )
            except Exception as error:  # noqa: BLE001 - the answer goes on as it came
                self._context.observer.failed("rewrite", error)
        if plan.pace is not None and kind.startswith("text/event-stream"):
            self._park(plan)
        if not plan.headers and self._rewriter is None:
            return message
        stale = _STALE if self._rewriter is not None else ()
        kept = [pair for pair in given if pair[0].lower() not in stale]
        return {**message, "headers": [*kept, *plan.headers]}

    def body(self, message: Message) -> Message:
        """Take `http.response.body`."""
        given = message.get("body", b"")
        if self._tap is None or not (given or self._rewriter):
            return message
        chunk = bytes(given)  # Starlette hands on the memoryviews that endpoints yield
        if self._reading:
            self._read(chunk)
        if self._rewriter is None:
            return message
        return {**message, "body": self._rewrite(chunk, last=not message.get("more_body", False))}

    async def wait(self, message: Message) -> None:
        """Hold a message back for as long as the plan's pace asks."""
        if self._pacer is not None:
            now = asyncio.get_running_loop().time()
            if seconds := self._pacer.wait(message.get("body", b""), now):
                await asyncio.sleep(seconds)

    def close(self, outcome: Outcome) -> Outcome:
        """End; give what is known of the answer, or `outcome` where none was begun."""
        if self._pacer is not None:
            self._pacer = None
            self._context.paced -= 1
        if self._tap is None:
            return outcome
        try:
            return self._tap.close(aborted=outcome.aborted, latency=outcome.latency)
        except Exception as error:  # noqa: BLE001 - the exchange is over; only learning is lost
            self._context.observer.failed("tap", error)
            return outcome

    def _park(self, plan: Plan) -> None:
        if plan.pace is not None and self._context.paced < plan.pace.max_streams:
            self._context.paced += 1
            self._pacer = Pacer(plan.pace, asyncio.get_running_loop().time())

    def _read(self, chunk: bytes) -> None:
        try:
            if self._tap is not None:
                self._tap.feed(chunk)
        except Exception as error:  # noqa: BLE001 - the answer goes on without us
            self._reading = False
            self._context.observer.failed("tap", error)

    def _rewrite(self, chunk: bytes, *, last: bool) -> bytes:
        if self._rewriter is None:
            return chunk
        try:
            return self._rewriter.feed(chunk, last=last)
        except Exception as error:  # noqa: BLE001 - the rest goes on as it comes
            self._context.observer.failed("rewrite", error)
            rewriter, self._rewriter = self._rewriter, None
            return rewriter.rest()
