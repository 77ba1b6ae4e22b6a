"""The gate starts and ends inside the host's lifespan, or alone where the host has none."""

import asyncio
from typing import Any

import pytest

from distillgate.asgi import lifespan


class Server:
    """The server's side of one lifespan."""

    def __init__(self) -> None:
        self.happened: list[str] = []
        self._messages = iter(["lifespan.startup", "lifespan.shutdown"])

    async def receive(self) -> dict[str, str]:
        return {"type": next(self._messages)}

    async def send(self, message: Any) -> None:
        self.happened.append(message["type"])

    async def step(self, name: str) -> None:
        self.happened.append(name)

    def run(self, app: Any) -> list[str]:
        asyncio.run(
            lifespan.run(
                app,
                {"type": "lifespan"},
                self.receive,
                self.send,
                start=lambda: self.step("start"),
                stop=lambda: self.step("stop"),
            )
        )
        return self.happened


IN_ORDER = ["start", "lifespan.startup.complete", "stop", "lifespan.shutdown.complete"]


async def whole(scope: Any, receive: Any, send: Any) -> None:
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.complete"})


async def knows_http_only(scope: Any, receive: Any, send: Any) -> None:
    raise ValueError("Django can only handle ASGI/HTTP connections, not lifespan.")


async def returns_at_once(scope: Any, receive: Any, send: Any) -> None:
    return


@pytest.mark.parametrize("app", [whole, knows_http_only, returns_at_once])
def test_the_gate_starts_before_and_ends_after_every_kind_of_application(app: Any) -> None:
    assert Server().run(app) == IN_ORDER


def test_an_application_that_fails_while_it_starts_fails_as_without_the_gate() -> None:
    async def broken(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        raise RuntimeError("no database")

    server = Server()
    with pytest.raises(RuntimeError, match="no database"):
        server.run(broken)
    assert server.happened == []


def test_an_application_that_says_it_failed_is_passed_on() -> None:
    async def failed(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "lifespan.startup.failed", "message": "no database"})

    assert Server().run(failed) == ["lifespan.startup.failed"]


def test_a_failed_start_is_said_to_the_server_and_raised_for_a_test_client() -> None:
    server = Server()

    with pytest.raises(ValueError, match="no file"):
        asyncio.run(lifespan.fail(ValueError("no file"), server.receive, server.send))
    assert server.happened == ["lifespan.startup.failed"]
