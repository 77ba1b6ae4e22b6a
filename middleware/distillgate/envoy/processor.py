"""One exchange as Envoy tells of it: headers, buffered body, and the answer as it streams."""

from typing import Any

from starlette.types import Message

from distillgate.asgi.answer import STALE
from distillgate.asgi.detached import Detached, Detaching, Forward, Respond
from distillgate.asgi.unknown import may_carry_json
from distillgate.dialects.registry import match_stored
from distillgate.envoy import messages


class Processor:
    """Answers the messages of one exchange, in their order. Belongs to the gate's event loop."""

    def __init__(self, detaching: Detaching, peer: str | None) -> None:
        self._detaching = detaching
        self._peer = peer
        self._scope: Any = None
        self._exchange: Detached | None = None
        self.over = False
        """Nothing more will be asked."""

    def close(self) -> None:
        """End; what has not ended does as if the client had gone away."""
        if self._exchange is not None:
            self._exchange.abandon()

    async def answer(self, request: Any) -> Any:
        """Return what Envoy is to do about a message."""
        kind = request.WhichOneof("request")
        if kind == "request_headers":
            return await self._asked(request.request_headers)
        if kind == "request_body":
            return await self._judged(request.request_body.body, at_headers=False)
        if kind == "response_headers":
            return await self._begun(request.response_headers)
        if kind == "response_body":
            return await self._piece(request.response_body)
        if kind == "response_trailers":
            self.over = True
            await self._tell({"type": "http.response.body", "body": b""})
            return messages.ANSWER_TRAILERS_PASS
        return messages.TRAILERS_PASS

    async def _asked(self, headers: Any) -> Any:
        scope = self._scope = messages.asked(headers, self._peer)
        if not may_carry_json(scope) and match_stored(scope["method"], scope["path"]) is None:
            return self._last(messages.NOTHING_MORE)
        if headers.end_of_stream:
            return await self._judged(b"", at_headers=True)
        return messages.HEADERS_PASS

    async def _judged(self, body: bytes, *, at_headers: bool) -> Any:
        exchange = Detached(self._scope, body)
        found = await self._detaching.begin(exchange)
        if isinstance(found, Respond):
            return self._last(messages.respond(found))
        if found.learns:
            self._exchange = exchange
        elif at_headers and found == Forward():
            return self._last(messages.NOTHING_MORE)
        return messages.forward(found, at_headers=at_headers)

    async def _begun(self, headers: Any) -> Any:
        start = messages.start_of(headers)
        sent = await self._tell(start)
        if not sent:  # held until it is known what was changed, for which Envoy does not wait
            sent = [self._named(start)]
        if headers.end_of_stream:
            self.over = True
            await self._tell({"type": "http.response.body", "body": b""})
        return messages.begun(start["headers"], sent[0]["headers"])

    async def _piece(self, body: Any) -> Any:
        came = {
            "type": "http.response.body",
            "body": body.body,
            "more_body": not body.end_of_stream,
        }
        sent = await self._tell(came)
        self.over = body.end_of_stream
        goes = [one.get("body", b"") for one in sent if one["type"] == "http.response.body"]
        return messages.piece(body.body, b"".join(goes))

    def _last(self, answer: Any) -> Any:
        self.over = True
        return answer

    async def _tell(self, message: Message) -> list[Message]:
        """Tell a message of the answer; return what passes: itself where nobody waits for it."""
        exchange = self._exchange
        return [message] if exchange is None or exchange.over else await exchange.tell(message)

    def _named(self, start: Message) -> Message:
        """Return a beginning that says what is about to be taken out of the answer."""
        assert self._exchange is not None
        assert self._exchange.judged is not None
        plan = self._exchange.judged[1]
        kept = [pair for pair in start["headers"] if pair[0] not in STALE]
        return {**start, "headers": [*kept, *plan.headers(edited=True)]}
