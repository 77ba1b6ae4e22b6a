"""A collection's server may be anybody's: what it sends is bounded, and it sends nobody on."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Callable

import brotli
import orjson
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import Route
from tests.conftest import Serving
from tests.intel.server import MEDIA

from distillgate.errors import UpstreamError
from distillgate.intel.taxii import poll, push

ONE = {"type": "identity", "id": "identity--1"}
Answer = Callable[[Request], Response]


def page(content: bytes, coding: str = "", **more: str) -> Response:
    headers = {"content-encoding": coding} if coding else {}
    return Response(content, media_type=MEDIA, headers=headers | more)


def objects(**more: object) -> bytes:
    return orjson.dumps({"objects": [ONE], **more})


class Foe:
    """A server that answers each request as it is told to."""

    def __init__(self, serving: Serving) -> None:
        self.asked: list[str] = []
        self.answer: Answer = lambda _: page(objects())
        collection = Route("/c/objects/", self._serve, methods=["GET", "POST"])
        elsewhere = Route("/secret", self._serve)
        self.url = f"{serving(Starlette(routes=[collection, elsewhere])).url}/c"

    async def _serve(self, request: Request) -> Response:
        self.asked.append(request.url.path)
        return self.answer(request)

    def polled(self, answer: Answer, why: str) -> None:
        """Assert that a poll ends with an error."""
        self.answer, self.asked = answer, []
        with pytest.raises(UpstreamError, match=why):
            poll(self.url, None)


@pytest.fixture
def foe(serving: Serving) -> Foe:
    return Foe(serving)


@pytest.mark.parametrize(
    "target", ["file:///etc/passwd", "http://169.254.169.254/latest/meta-data/", "/secret"]
)
def test_nobody_is_sent_on(foe: Foe, target: str) -> None:
    foe.polled(lambda _: RedirectResponse(target), "answered 307")
    assert foe.asked == ["/c/objects/"]


def test_a_body_is_bounded_however_it_is_coded(foe: Foe) -> None:
    zeros = gzip.compress(bytes(1 << 27))
    assert poll(foe.url, None) == [ONE]
    foe.answer = lambda _: page(gzip.compress(objects()), "gzip")
    assert poll(foe.url, None) == [ONE]

    foe.polled(lambda _: page(zeros, "gzip"), "more than")
    foe.polled(lambda _: page(gzip.compress(zeros), "gzip, gzip"), "more than")
    foe.polled(lambda _: page(brotli.compress(bytes(1 << 27), quality=3), "br"), "more than")
    foe.polled(lambda _: page(b"no gzip", "gzip"), "not in the coding gzip")
    foe.polled(lambda _: page(objects(), "rot13"), "in the coding rot13")


def test_what_is_sent_is_bounded_over_all_pages(foe: Foe) -> None:
    long = objects(more=True, pad="x" * (1 << 24))
    numbers = iter(range(100))
    foe.polled(lambda _: page(long[:-1] + b',"next":"%d"}' % next(numbers)), "more than")
    assert len(foe.asked) == 4
    foe.polled(lambda _: page(objects(more=True, next="again")), "no `next`")
    foe.polled(lambda _: page(objects(more=True)), "no `next`")
    foe.polled(lambda _: page(orjson.dumps({"objects": [0] * 100_001})), "no list of at most")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b'{"objects": ' + b"[" * 3000, "depth limit"),
        (b'{"objects": [' + b"[]," * 600_000, "more JSON than is parsed"),
        (b'{"objects": [NaN]}', "unexpected character"),
        (b"[]", "no JSON object"),
        (b'{"objects": {}}', "`objects` is no list"),
    ],
)
def test_what_is_no_page_is_a_clear_error(foe: Foe, content: bytes, why: str) -> None:
    foe.polled(lambda _: page(content), why)


def test_who_sends_a_byte_now_and_then_is_not_waited_for_for_ever(foe: Foe) -> None:
    async def drip() -> AsyncIterator[bytes]:
        yield b"{"
        for _ in range(3000):
            await asyncio.sleep(0.01)
            yield b" "

    foe.answer = lambda _: StreamingResponse(drip(), media_type=MEDIA)
    with pytest.raises(UpstreamError, match="had not answered whole"):
        poll(foe.url, None, seconds=0.5)


@pytest.mark.parametrize("failures", [None, {}, [1], [{"message": 5}]])
def test_what_a_server_says_of_a_refusal_may_be_anything(foe: Foe, failures: object) -> None:
    foe.answer = lambda _: page(orjson.dumps({"failure_count": 1, "failures": failures}))
    with pytest.raises(UpstreamError, match="1 objects were refused"):
        push(foe.url, None, [ONE])
