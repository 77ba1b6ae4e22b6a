import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import Message, Receive

from distillgate.asgi import body as bodies


def receiver(*messages: Message) -> Receive:
    left = list(messages)

    async def receive() -> Message:
        return left.pop(0) if left else {"type": "http.disconnect"}

    return receive


def parts(chunks: Sequence[bytes]) -> list[Message]:
    last = len(chunks) - 1
    return [
        {"type": "http.request", "body": chunk, "more_body": number < last}
        for number, chunk in enumerate(chunks)
    ]


def read(*messages: Message, max_bytes: int = 1024) -> bodies.Body | None:
    return asyncio.run(bodies.read(receiver(*messages), max_bytes=max_bytes))


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=20))
def test_any_chunking_reads_the_same(chunks: list[bytes]) -> None:
    assert read(*parts(chunks)) == bodies.Body(b"".join(chunks))


def test_a_message_may_leave_out_what_is_empty() -> None:
    assert read({"type": "http.request"}) == bodies.Body(b"")


def test_a_client_that_goes_away_leaves_no_body() -> None:
    assert read({"type": "http.request", "body": b"x", "more_body": True}) is None


def test_a_body_at_the_bound_is_read_and_one_past_it_is_not() -> None:
    at = read(*parts([b"x" * 1000, b"y" * 24]))
    past = read(*parts([b"x" * 1000, b"y" * 25, b"z"]))
    ended = read(*parts([b"x" * 1025]))

    assert at == bodies.Body(b"x" * 1000 + b"y" * 24)
    assert past == bodies.Body(b"x" * 1000 + b"y" * 25, oversize=True, more=True)
    assert ended == bodies.Body(b"x" * 1025, oversize=True, more=False)


def test_draining_stops_at_the_end_at_the_bound_and_at_a_disconnect() -> None:
    async def left(*messages: Message) -> Message:
        receive = receiver(*messages, {"type": "next"})
        await bodies.drain(receive, max_bytes=10)
        return await receive()

    end = asyncio.run(left(*parts([b"x", b"y"])))
    bound = asyncio.run(left(*parts([b"x" * 11, b"y"])))
    gone = asyncio.run(left({"type": "http.disconnect"}))

    assert end["type"] == "next"
    assert bound["body"] == b"y"
    assert gone["type"] == "next"


def test_a_replay_gives_the_body_once_and_then_the_servers_own_messages() -> None:
    async def run() -> None:
        replay = bodies.Replay(receiver(*parts([b"rest"])), b"read", more=True)

        assert await replay() == {"type": "http.request", "body": b"read", "more_body": True}
        assert await replay() == {"type": "http.request", "body": b"rest", "more_body": False}
        assert not replay.disconnected
        assert (await replay())["type"] == "http.disconnect"
        assert replay.disconnected

    asyncio.run(run())


def test_a_replay_never_suspends_before_the_servers_own_receive() -> None:
    replay = bodies.Replay(receiver(), b"read")
    for kind in ("http.request", "http.disconnect"):
        coroutine = replay()
        with pytest.raises(StopIteration) as ended:
            coroutine.send(None)
        assert ended.value.value["type"] == kind


def test_a_rewritten_body_has_its_own_length_and_no_stale_encoding() -> None:
    scope = {
        "type": "http",
        "headers": [(b"host", b"h"), (b"content-encoding", b"gzip"), (b"content-length", b"9")],
    }

    fresh = bodies.rewritten(scope, b"12345")

    assert fresh["headers"] == [(b"host", b"h"), (b"content-length", b"5")]
    assert len(scope["headers"]) == 3


def test_a_form_that_is_rewritten_is_json() -> None:
    scope = {"type": "http", "headers": [(b"content-type", b"multipart/form-data; boundary=x")]}

    fresh = bodies.rewritten(scope, b"{}")

    assert fresh["headers"] == [(b"content-type", b"application/json"), (b"content-length", b"2")]
    assert bodies.rewritten(scope, None)["headers"] == scope["headers"]


def test_a_declared_length_is_a_number_or_nothing() -> None:
    def length(value: bytes) -> int:
        return bodies.declared_length([(b"host", b"h"), (b"content-length", value)])

    assert length(b"123") == 123
    assert length(b"-1") == length(b"1e9") == length(b"") == length(b"9" * 5000) == 0
    assert bodies.declared_length([]) == 0
