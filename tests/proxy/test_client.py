"""The client's side: a body as it comes, and a disconnect heard whatever else goes on."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from distillgate.proxy.client import Client


class Wire:
    """A server's `receive`, fed by the test; counts how often it is asked."""

    def __init__(self, *messages: dict[str, Any]) -> None:
        self.queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.asked = 0
        self.left = 0
        for message in messages:
            self.queue.put_nowait(message)

    async def __call__(self) -> dict[str, Any]:
        self.asked += 1
        return await self.queue.get()

    def leave(self) -> None:
        self.left += 1


def part(body: bytes, *, more: bool = False) -> dict[str, Any]:
    return {"type": "http.request", "body": body, "more_body": more}


GONE = {"type": "http.disconnect"}


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


@pytest.mark.parametrize(("sent", "body"), [(b"", None), (b"x", b"x")])
def test_a_body_that_is_all_there_is_given_whole(sent: bytes, body: bytes | None) -> None:
    async def run() -> None:
        wire = Wire(part(sent))
        client = Client(wire, wire.leave)
        assert await client.body() == body
        await settle()
        wire.queue.put_nowait(GONE)
        await settle()
        assert (client.gone, wire.left) == (True, 1)

    asyncio.run(run())


def test_a_client_that_is_gone_before_its_body_has_none() -> None:
    async def run() -> None:
        wire = Wire(GONE)
        client = Client(wire, wire.leave)
        assert await client.body() is None
        assert client.gone

    asyncio.run(run())


def test_a_longer_body_passes_part_by_part_one_message_ahead() -> None:
    async def run() -> None:
        wire = Wire(*(part(bytes([number]), more=number < 9) for number in range(10)))
        client = Client(wire, wire.leave)
        body = await client.body()
        assert isinstance(body, AsyncIterator)
        await settle()
        assert wire.asked == 2
        assert [chunk async for chunk in body] == [bytes([number]) for number in range(10)]
        await settle()
        assert not client.gone
        client.settle()

    asyncio.run(run())


def test_a_client_that_leaves_in_mid_upload_is_noticed_before_the_body_is_read() -> None:
    async def run() -> None:
        wire = Wire(part(b"x", more=True), GONE)
        client = Client(wire, wire.leave)
        body = await client.body()
        await settle()
        assert (client.gone, wire.left) == (True, 1)
        assert isinstance(body, AsyncIterator)
        with pytest.raises(ConnectionResetError):
            assert [chunk async for chunk in body] == []

    asyncio.run(run())


def test_nothing_is_heard_once_it_is_settled() -> None:
    async def run() -> None:
        wire = Wire(part(b"x"))
        client = Client(wire, wire.leave)
        await client.body()
        await settle()
        client.settle()
        wire.queue.put_nowait(GONE)
        await settle()
        assert (client.gone, wire.left) == (False, 0)

    asyncio.run(run())
