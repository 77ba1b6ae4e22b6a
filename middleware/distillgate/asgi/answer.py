"""The answer of one exchange on its way out: read beside, changed where the plan says so; and what
the client got in the end.
"""

import asyncio
import sys

from msgspec.structs import replace
from starlette.types import Message, Send

from distillgate.actions.effect import Effect, answer_result, cause_of, refusal_result
from distillgate.actions.limits import ERROR_BYTES
from distillgate.actions.pace import Pacer
from distillgate.actions.plan import Plan
from distillgate.actions.rewrite import Rewriter, rewriter
from distillgate.asgi.context import Context
from distillgate.asgi.identity import first_values
from distillgate.asgi.reference import Named, upstream_reference
from distillgate.errors import WireError
from distillgate.policy.decision import Decision
from distillgate.wire.encoding import Inflater, inflater
from distillgate.wire.event import Edit
from distillgate.wire.exchange import Outcome
from distillgate.wire.operation import Operation
from distillgate.wire.response import Tap

STALE = frozenset(
    {b"content-length", b"content-encoding", b"content-md5", b"content-digest", b"digest", b"etag"}
)
"""What an answer's headers say of bytes that will be others."""


OUTCOME = "distillgate.outcome"
"""The key of a message that begins an answer of which only the `Outcome` is told, no byte."""

_REFUSING = frozenset({400, 422})
"""How upstreams answer a parameter that they do not take."""


class Outgoing:
    """Passes on the messages of one answer.

    What is learned is learned from what the upstream sent. A failure in here is the gate's own: it
    is counted, and the rest of the answer passes as it comes.
    """

    def __init__(self, operation: Operation, plan: Plan, context: Context) -> None:
        self._operation = operation
        self._plan = plan
        self._context = context
        self._tap: Tap | None = None
        self._told: Outcome | None = None
        self._reading = False
        self._rewriter: Rewriter | None = None
        self._inflater: Inflater | None = None
        """Undoes the coding of an answer that is changed although it came compressed."""
        self._head: Message | None = None
        """The answer's start, held until it is known what its header is to name."""
        self._error: bytearray | None = None
        """The beginning of an error that may be about the limit that was added."""
        self._pacer: Pacer | None = None
        self._paced = False
        self.reference = ""
        """What the upstream calls the exchange."""
        self.complete = False
        """Whether the upstream sent all of it."""

    async def send(self, message: Message, forward: Send) -> None:
        """Pass a message on at once, as it came, but for what the plan says."""
        kind = message["type"]
        if kind == "http.response.start":
            message = self._start(message)
            if self._head is not None:
                return
        elif kind == "http.response.body":
            self.complete = not message.get("more_body", False)
            message = self._body(message)
            if self._pacer is not None:
                await self._wait(self._pacer, message)
            if self._head is not None and not message["body"] and message.get("more_body", False):
                return
        if self._head is not None:
            head, self._head = self._head, None
            await forward(self._headed(head))
        await forward(message)

    def _start(self, message: Message) -> Message:
        plan = self._plan
        headers = first_values(message.get("headers", ()))
        kind, encoding = headers.get("content-type", ""), headers.get("content-encoding", "")
        status = message["status"]
        self.reference = upstream_reference(headers)
        self._told = message.get(OUTCOME)
        self._tap = Tap(
            self._operation, status=status, content_type=kind, content_encoding=encoding
        )
        self._reading = True
        if plan.edit is not None:
            self._edit(plan.edit, status, kind, encoding.strip().lower())
        if plan.pace is not None and kind.startswith("text/event-stream"):
            self._park(plan)
        if plan.added is not None and status in _REFUSING:
            self._error = bytearray()
        if self._rewriter is not None and self._rewriter.held:
            self._head = message
            return message
        return self._headed(message) if plan.done or self._rewriter is not None else message

    def _edit(self, edit: Edit, status: int, kind: str, encoding: str) -> None:
        """Begin to change the answer; one in a coding that is not read passes, and is counted."""
        found = rewriter(edit, status=status, content_type=kind)
        if found is not None and encoding not in ("", "identity"):
            self._inflater = inflater(encoding, sys.maxsize)
            if self._inflater is None:
                error = WireError(f"the answer came as {encoding[:32]!r} though asked not to")
                self._context.observer.failed("rewrite", error)
                return
        self._rewriter = found

    def _headed(self, message: Message) -> Message:
        """Name what was done, and take out what the headers say of bytes that will be others."""
        changing = self._rewriter is not None or self._inflater is not None
        stale = STALE if changing else ()
        kept = [pair for pair in message.get("headers", ()) if pair[0].lower() not in stale]
        edited = self._rewriter is not None and self._rewriter.changed
        return {**message, "headers": [*kept, *self._plan.headers(edited=edited)]}

    def _body(self, message: Message) -> Message:
        given = message.get("body", b"")
        if self._tap is None or not (given or self._rewriter):
            return message
        chunk = bytes(given)  # Starlette hands on the memoryviews that endpoints yield
        if self._reading:
            self._read(chunk)
        if self._error is not None and len(self._error) < ERROR_BYTES:
            self._error += chunk
        if self._inflater is not None:
            chunk = b"".join(self._inflater.feed(chunk))
            if self._inflater.broken:
                # Its header is gone, or never was right: nobody could read on.
                raise WireError("the answer's compression is broken")
        elif self._rewriter is None:
            return message
        return {**message, "body": self._rewrite(chunk, last=not message.get("more_body", False))}

    async def _wait(self, pacer: Pacer, message: Message) -> None:
        """Hold a message back for as long as the plan's pace asks."""
        now = asyncio.get_running_loop().time()
        if seconds := pacer.wait(message.get("body", b""), now):
            self._paced = True
            await asyncio.sleep(seconds)

    @property
    def measures(self) -> tuple[str, ...]:
        """The measures that changed something of this exchange so far."""
        done = self._plan.measures
        if self._rewriter is not None and self._rewriter.changed:
            done = (*done, "reasoning")
        return (*done, "pace") if self._paced else done

    def limited(self, status: int) -> None:
        """Tell the engine how the upstream took a limit that was added."""
        added, limits = self._plan.added, self._context.engine.limits
        if added is None:
            return
        if 200 <= status < 300:
            limits.answered(*added)
        elif self._error is not None:
            limits.refused(added, bytes(self._error))

    def close(self, outcome: Outcome) -> Outcome:
        """End; give what is known of the answer, or `outcome` where none was begun."""
        if self._pacer is not None:
            self._pacer = None
            self._context.paced -= 1
        if self._tap is None:
            return outcome
        if self._told is not None:
            return replace(self._told, aborted=outcome.aborted, latency=outcome.latency)
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


def effect_of(
    decision: Decision, plan: Plan, answer: Outgoing | None, outcome: Outcome, named: Named
) -> Effect:
    """Return what a client got; without an `answer` the gate refused it, or nobody answered."""
    wait, measures = None, plan.measures
    if plan.refusal is not None:
        result, wait = refusal_result(decision, plan.refusal.headers)
    else:
        measures = measures if answer is None else answer.measures
        result = answer_result(outcome.status, measures, aborted=outcome.aborted)
    return Effect(
        *named,
        result,
        plan.cause or cause_of(decision),
        outcome.status,
        wait,
        measures,
        outcome.prompt_tokens,
        outcome.completion_tokens,
        None if plan.refusal is not None else outcome.latency,
        "" if answer is None else answer.reference,
    )
