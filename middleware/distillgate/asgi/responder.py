"""One exchange on its way: read, judged, forwarded byte for byte, and learned from at its end."""

import asyncio
import time
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from distillgate.actions.plan import Plan
from distillgate.asgi import body as bodies
from distillgate.asgi.answer import Outgoing, effect_of
from distillgate.asgi.context import Context
from distillgate.asgi.identity import Identity
from distillgate.asgi.reference import JUDGED, REFERENCE, named
from distillgate.asgi.refuse import (
    CROWDED,
    UNAVAILABLE,
    respond,
    respond_early,
    too_large,
    unreadable,
)
from distillgate.dialects.registry import model_in
from distillgate.errors import WireError
from distillgate.policy.decision import Decision
from distillgate.wire.bounds import INLINE, NARROW, WIDE
from distillgate.wire.codings import RATIO, codings, is_plain, is_upload, readings
from distillgate.wire.exchange import Exchange, Outcome
from distillgate.wire.operation import Operation
from distillgate.wire.refusal import Problem, Refusal, refusal
from distillgate.wire.request import Request, parse

if TYPE_CHECKING:
    from distillgate.telemetry.otel.spans import Spans


class GateResponder:
    """Holds one exchange's state; `GateMiddleware` makes one for every request it reads.

    Whatever fails in here is the gate's own failure: it is counted, and the exchange is forwarded
    as it came (`fail: open`) or answered with 503 (`fail: closed`). Errors of the application, and
    cancellation, pass through untouched.
    """

    def __init__(
        self,
        app: ASGIApp,
        context: Context,
        scope: Scope,
        operation: Operation,
        identity: Identity,
        headers: Mapping[str, str],
        spans: "Spans | None" = None,
    ) -> None:
        self._app, self._spans = app, spans
        self._context, self._scope = context, scope
        self._operation, self._identity = operation, identity
        self._headers, self._named = headers, named(headers)
        self._id = scope[REFERENCE] = self._named.reference
        self._exchange: Exchange | None = None
        self._decision: Decision | None = None
        self._plan = Plan()
        self._answer: Outgoing | None = None
        self._aborted = self._counting = False
        self._taken, self._came = 0, 0.0
        self._forward: Send

    async def __call__(self, receive: Receive, send: Send) -> None:
        """Carry the exchange from its first byte to its last."""
        self._forward = send
        try:
            await self._carry(receive, send)
        finally:
            self._context.ledger.held -= self._taken

    async def _carry(self, receive: Receive, send: Send) -> None:
        body = await self._read(receive)
        if body is None:
            return
        if body.oversize or body.crowded:
            await self._turned_away(body, receive)
            return
        plan = self._plan = await self._judge(body.data)
        if plan.refusal is not None:
            await self._refuse(plan.refusal)
            return
        scope = self._scope
        if plan.body is not None or plan.request_headers:
            scope = bodies.rewritten(scope, plan.body, plan.request_headers)
        replay = bodies.Replay(receive, body.data if plan.body is None else plan.body)
        plan.body = None
        del body  # from here on the application alone holds the bytes
        self._drop_document()
        if self._decision is None:
            await self._app(scope, replay, send)
        else:
            await self._pass(scope, replay)

    async def _read(self, receive: Receive) -> bodies.Body | None:
        limit = self._context.settings.body.max_bytes
        if bodies.declared_length(self._scope["headers"]) > limit and not self._is_upload(None):
            return bodies.Body(b"", oversize=True, more=True)
        turn = self._context.tasks.turn
        return await bodies.read(receive, max_bytes=limit, take=self._take, turn=turn)

    def _is_upload(self, start: bytes | None) -> bool:
        context, headers = self._context, self._scope["headers"]
        return context.settings.unread == "pass" and is_upload(start, headers)

    def _take(self, size: int) -> bool:
        taken = self._context.ledger.take(size)
        self._taken += size if taken else 0
        return taken

    def _drop_document(self) -> None:
        """Let go of a request's JSON once nothing is planned by it any more.

        It takes up to 25 times the bytes it came from, and an upstream may think for minutes.
        """
        if self._exchange is None:
            return
        self._exchange.request.source = b""
        if self._context.recorder is None:
            self._exchange.request.document = {}

    async def _turned_away(self, body: bodies.Body, receive: Receive) -> None:
        """Answer 503 or 413, or pass on what was read and then the rest."""
        if body.crowded:
            self._context.observer.unread(self._operation, "crowded", answered=self._id)
            await self._answer_early(self._refusal(CROWDED), body, receive)
            return
        settings, observer = self._context.settings.body, self._context.observer
        passes = settings.oversize == "pass" or self._is_upload(body.data)
        observer.unread(self._operation, "oversize", answered="" if passes else self._id)
        if passes:
            replay = bodies.Replay(receive, body.data, more=body.more)
            await self._app(self._scope, replay, self._forward)
        else:
            await self._answer_early(self._refusal(too_large(settings.max_bytes)), body, receive)

    async def _answer_early(self, answer: Refusal, body: bodies.Body, receive: Receive) -> None:
        limit = self._context.settings.body.max_bytes if body.more else 0
        await respond_early(answer, receive, self._forward, max_bytes=limit)

    async def _judge(self, data: bytes) -> Plan:
        """Let the engine decide; the one place where its errors, and the parser's, end."""
        started = time.perf_counter()
        try:
            request = await self._parse(data)
            if request.ambiguous and (plan := self._unread("ambiguous")).refusal is not None:
                return plan
            plan = self._decide(request)
        except WireError as error:
            return self._unread(error.reason)
        except Exception as error:  # noqa: BLE001 - a gate that breaks must not break its host
            self._context.observer.failed("judge", error)
            if self._context.fail_closed:
                return Plan(refusal=self._refusal(UNAVAILABLE))
            return Plan()
        self._context.observer.timed(time.perf_counter() - started)
        return plan

    def _unread(self, reason: str) -> Plan:
        """Count a call that cannot be read in one way only; pass it on, or refuse it."""
        return Plan(refusal=unreadable(self._context, self._operation, reason, self._id))

    def _refusal(self, problem: Problem) -> Refusal:
        return refusal(self._operation.errors, problem, self._id)

    async def _parse(self, data: bytes) -> Request:
        """Read a short body here, and one that is long, coded or intricate in a thread."""
        names, kind = codings(self._scope["headers"]), self._headers.get("content-type", "")
        if not names and is_plain(kind) and len(data) <= bodies.THREAD_BYTES:
            try:
                return parse(self._operation, data, bounds=INLINE)
            except WireError as error:
                if error.reason != "complex":
                    raise
        known = self._context.engine.knows(self._identity.account)

        def work() -> Request:
            limit = bodies.MAX_DECODED_BYTES
            plain = readings(data, names, content_type=kind, max_bytes=limit)
            bounds = WIDE if known else NARROW
            return parse(self._operation, *plain.bodies, bounds=bounds, beyond=plain.beyond)

        # What it may come to once it is decoded; `readings` bounds it by the same.
        long = len(data) * (RATIO if names else 1) > bodies.LONG_BYTES
        tasks = self._context.tasks
        return await (tasks.in_turn(work) if long else tasks.thread(work))

    def _decide(self, request: Request) -> Plan:
        context, identity = self._context, self._identity
        self._operation = request.operation
        request.model = request.model or model_in(self._scope["path"])
        self._came = context.clock()
        self._exchange = exchange = identity.exchange(request, self._scope["path"], self._id)
        self._decision = context.engine.begin(exchange, self._came)
        plan = context.engine.plan(exchange, self._decision)
        self._scope[JUDGED] = self._decision, plan
        context.observer.exchange(self._operation, self._decision)
        self._count_rest(request, plan)
        return plan

    def _count_rest(self, request: Request, plan: Plan) -> None:
        """Have a long text counted in a thread, where the engine has made do with an estimate.

        Not one that is refused: whoever is turned away costs no more than that.
        """
        waits = plan.refusal is None and not self._counting
        if waits and self._context.tokenizer.pending(request):
            self._counting = True
            self._context.tasks.spawn(self._finish_count(request))

    async def _finish_count(self, request: Request) -> None:
        try:
            await self._context.tasks.thread(partial(self._context.tokenizer.finish, request))
        except Exception as error:  # noqa: BLE001 - a count that fails stays an estimate
            self._context.observer.failed("count", error)

    async def _refuse(self, answer: Refusal) -> None:
        try:
            await respond(answer, self._forward, self._plan.headers())
        except BaseException:
            self._aborted = True
            raise
        finally:
            self._close(answer.status)

    async def _pass(self, scope: Scope, replay: bodies.Replay) -> None:
        """Run the application with the answer's way watched."""
        self._answer = Outgoing(self._operation, self._plan, self._context)
        try:
            await self._app(scope, replay, self._send)
        except Exception:
            self._aborted = self._aborted or replay.disconnected
            self._close(500)
            raise
        except BaseException:  # cancellation: somebody stopped waiting
            self._aborted = True
            self._close(0)
            raise
        self._aborted = self._aborted or replay.disconnected
        self._close(0 if self._aborted else 500)

    async def _send(self, message: Message) -> None:
        """Forward a message at once, as it came, but for what the plan says."""
        try:
            if self._answer is None:
                await self._forward(message)
            else:
                await self._answer.send(message, self._forward)
        except OSError:  # how servers of ASGI 2.4 say that the client has gone
            self._aborted = True
            raise
        if message["type"] == "http.response.body" and not message.get("more_body", False):
            self._close(0)

    def _close(self, status: int) -> None:
        """Have the engine told how it ended, once; `status` stands in where no answer was started.

        Not here but in the event loop's next turn: a server hands what it was given to the socket
        at the end of this one, and learning must not stand between an answer and its client.
        """
        decision, self._decision = self._decision, None
        if decision is not None:
            if self._spans is not None:
                self._spans.stop()
            latency = self._context.clock() - self._came
            outcome = Outcome(status=status, aborted=self._aborted, latency=latency)
            finish = partial(self._finish, decision, outcome)
            if self._taken > bodies.LONG_BYTES:
                self._context.tasks.one_a_turn(finish)
            else:
                asyncio.get_running_loop().call_soon(finish)

    def _finish(self, decision: Decision, outcome: Outcome) -> None:
        context, exchange = self._context, self._exchange
        assert exchange is not None
        if self._answer is not None:
            outcome = self._answer.close(outcome)
            self._answer.limited(outcome.status)
        try:
            self._tell(exchange.request, decision, outcome)
        except Exception as error:  # noqa: BLE001 - what was reserved is to be settled all the same
            context.observer.failed("finish", error)
        try:
            context.engine.finish(decision, outcome, context.clock())
            self._count_rest(exchange.request, self._plan)
            context.keep(exchange, decision, outcome, self._came)
        except Exception as error:  # noqa: BLE001 - as above
            context.observer.failed("finish", error)

    def _tell(self, request: Request, decision: Decision, outcome: Outcome) -> None:
        effect = effect_of(decision, self._plan, self._answer, outcome, self._named)
        self._context.observer.ended(request.operation, decision, effect)
        if self._spans is not None:
            self._spans.ended(request, decision, effect, outcome)
