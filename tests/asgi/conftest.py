"""A gate without a server: real parts, driven message by message; and what it tells."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from distillgate.actions.effect import Effect
from distillgate.asgi.body import Ledger
from distillgate.asgi.context import Clock, Context
from distillgate.asgi.cors import Cors
from distillgate.asgi.identity import Identifier, Identify
from distillgate.asgi.middleware import GateMiddleware
from distillgate.asgi.settings import AsgiSettings
from distillgate.asgi.tasks import Tasks
from distillgate.engine.engine import Engine, EngineSettings
from distillgate.policy.decision import Decision
from distillgate.tokenizer import Tokenizer, TokenizerSettings
from distillgate.wire.operation import Operation

BODY = b'{"model":"m-large","messages":[{"role":"user","content":"hello"}]}'
HEADERS = ((b"authorization", b"Bearer sk-1"), (b"content-type", b"application/json"))
PATH = "/v1/chat/completions"


@dataclass
class Heard:
    """An observer that remembers."""

    reasons: list[str] = field(default_factory=list)
    failures: list[tuple[str, str]] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    spent: list[tuple[int | None, int | None]] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    answered: list[str] = field(default_factory=list)

    def unread(self, operation: Operation | None, reason: str, *, answered: str = "") -> None:
        self.reasons.append(reason)
        self.answered += [answered] * bool(answered)

    def failed(self, where: str, error: BaseException) -> None:
        self.failures.append((where, str(error)))

    def exchange(self, operation: Operation, decision: Decision) -> None:
        self.decisions.append(decision)

    def ended(self, operation: Operation, decision: Decision, effect: Effect) -> None:
        self.effects.append(effect)
        self.spent.append((effect.prompt_tokens, effect.completion_tokens))

    def fetched(self, decision: Decision, effect: Effect) -> None:
        self.effects.append(effect)

    def timed(self, seconds: float) -> None:
        assert seconds >= 0

    def tokens(self, prompt: int | None = None, completion: int | None = None) -> None:
        self.spent.append((prompt, completion))


def request(
    *chunks: bytes, path: str = PATH, headers: Sequence[tuple[bytes, bytes]] = HEADERS
) -> tuple[Scope, list[Message]]:
    """Build a POST: its scope, and its messages."""
    scope: Scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": list(headers),
        "client": ("127.0.0.1", 4711),
        "server": ("127.0.0.1", 80),
        "state": {},
    }
    parts = chunks or (BODY,)
    last = len(parts) - 1
    messages: list[Message] = [
        {"type": "http.request", "body": chunk, "more_body": number < last}
        for number, chunk in enumerate(parts)
    ]
    return scope, messages


class Harness:
    """Puts a gate round an app and drives one request through both."""

    def __init__(self) -> None:
        self.heard = Heard()
        self.tasks = Tasks(threads=1)

    def context(
        self,
        engine: type[Engine] | Callable[..., Engine] = Engine,
        *,
        identify: Identify | None = None,
        fail_closed: bool = False,
        enforce: bool = False,
        clock: Callable[[], float] = time.time,
        **asgi: Any,
    ) -> Context:
        settings = AsgiSettings.model_validate(asgi, strict=False)
        tokenizer = Tokenizer(TokenizerSettings())
        return Context(
            engine=engine(
                EngineSettings(), count=tokenizer.count, secret=b"secret", enforce=enforce
            ),
            settings=settings,
            identifier=Identifier(
                settings.identity, settings.address, secret=b"secret", identify=identify
            ),
            tokenizer=tokenizer,
            observer=self.heard,
            tasks=self.tasks,
            clock=Clock(clock),
            cors=Cors(settings.cors),
            ledger=Ledger(settings.body.max_held_bytes),
            fail_closed=fail_closed,
        )

    def wrap(self, app: ASGIApp, **options: Any) -> GateMiddleware:
        return GateMiddleware(app, self.context(**options))

    def drive(
        self,
        app: ASGIApp,
        *chunks: bytes,
        path: str = PATH,
        headers: Sequence[tuple[bytes, bytes]] = HEADERS,
        then: Sequence[Message] = ({"type": "http.disconnect"},),
    ) -> list[Message]:
        """Send one POST in the given chunks, then `then`; give back what was answered."""
        scope, messages = request(*chunks, path=path, headers=headers)
        return asyncio.run(self.run(app, scope, [*messages, *then]))

    async def run(self, app: ASGIApp, scope: Scope, messages: list[Message]) -> list[Message]:
        sent: list[Message] = []

        async def receive() -> Message:
            if not messages:
                await asyncio.Event().wait()
            return messages.pop(0)

        async def send(message: Message) -> None:
            sent.append(message)

        try:
            await app(scope, receive, send)
        finally:
            await self.tasks.close()
        return sent


@dataclass
class Echo:
    """An app that remembers what it was asked and answers the same chunks to everybody."""

    chunks: Sequence[bytes | memoryview] = (b'{"answer":', b"42}")
    headers: Sequence[tuple[bytes, bytes]] = ((b"content-type", b"application/json"),)
    status: int = 200
    scopes: list[Scope] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    pieces: list[int] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body, pieces, more = b"", 0, True
        while more:
            message = await receive()
            assert message["type"] == "http.request"
            body += message["body"]
            pieces += 1
            more = message["more_body"]
        self.scopes.append(scope)
        self.bodies.append(body)
        self.pieces.append(pieces)
        start = {"type": "http.response.start", "status": self.status}
        await send({**start, "headers": list(self.headers)})
        for chunk in self.chunks:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


@pytest.fixture
def harness() -> Harness:
    return Harness()


@pytest.fixture
def echo() -> Echo:
    return Echo()
