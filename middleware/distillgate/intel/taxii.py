"""A TAXII 2.1 collection: reading what it holds, and adding to it."""

import asyncio
from collections.abc import AsyncIterable, Awaitable
from typing import Any, TypeVar

from distillgate.errors import UpstreamError, WireError, needs
from distillgate.intel.received import BOUNDS, MOST_BYTES, MOST_OBJECTS
from distillgate.intel.stix import Object
from distillgate.wire.bounds import check
from distillgate.wire.encoding import inflater, names_in

MEDIA = "application/taxii+json;version=2.1"
TIMEOUT_SECONDS = 30.0
LONGEST_SECONDS = 300.0
"""How long a collection, or an answer, may take in all."""
_PAGES = 1000
"""Pages of one collection that are read, at most."""
Answer = TypeVar("Answer")


class _Room:
    """Bytes that a server may still send, of all pages together."""

    def __init__(self) -> None:
        self._left = MOST_BYTES

    async def read(self, address: str, pieces: AsyncIterable[bytes], coding: str) -> bytes:
        """Read a body, its content coding undone: it may be millions of times as long then.

        Raises `UpstreamError` where there is no room for it.
        """
        stream = inflater(coding, self._left + 1)
        if stream is None and names_in(coding):
            raise UpstreamError(f"{address}: answered in the coding {coding}")
        body = bytearray()
        async for piece in pieces:
            for plain in (piece,) if stream is None else stream.feed(piece):
                body += plain
                if len(body) > self._left:
                    raise UpstreamError(f"{address}: answered more than {MOST_BYTES:,} bytes")
        if stream is not None and stream.broken:
            raise UpstreamError(f"{address}: answered what is not in the coding {coding}")
        self._left -= len(body)
        return bytes(body)


def poll(
    url: str, login: str | None, after: str | None = None, *, seconds: float = LONGEST_SECONDS
) -> list[Object]:
    """Return the objects of a collection, those that were added after a moment where one is given.

    Raises `UpstreamError` where the server does not answer as TAXII 2.1 says, or has not answered
    whole after some seconds: whoever sends a byte now and then is never silent for long.
    """
    return asyncio.run(_within(seconds, url, _poll(url, login, after)))


def push(url: str, login: str | None, objects: list[Object]) -> None:
    """Add objects to a collection. Raises `UpstreamError` where the server did not take them."""
    given = {"objects": objects}
    asking = _ask("POST", url, login, _Room(), given=given)
    status = asyncio.run(_within(LONGEST_SECONDS, url, asking))
    if failed := status.get("failure_count"):
        failures = status.get("failures")
        first = failures[0] if isinstance(failures, list) and failures else {}
        why = first.get("message", "?") if isinstance(first, dict) else "?"
        raise UpstreamError(f"{url}: {failed} objects were refused: {why}")


async def _within(seconds: float, url: str, asking: Awaitable[Answer]) -> Answer:
    try:
        async with asyncio.timeout(seconds):
            return await asking
    except TimeoutError:
        raise UpstreamError(f"{url}: had not answered whole in {seconds:.0f} seconds") from None


async def _poll(url: str, login: str | None, after: str | None) -> list[Object]:
    found: list[Object] = []
    asked: dict[str, str] = {} if after is None else {"added_after": after}
    room = _Room()
    for _ in range(_PAGES):
        page = await _ask("GET", url, login, room, asked=asked)
        objects = page.get("objects", [])
        if not isinstance(objects, list) or len(found) + len(objects) > MOST_OBJECTS:
            raise UpstreamError(f"{url}: `objects` is no list of at most {MOST_OBJECTS:,} objects")
        found += objects
        if not page.get("more"):
            return found
        following = page.get("next")
        if not isinstance(following, str) or following == asked.get("next"):
            raise UpstreamError(f"{url}: there are more objects, and no `next` to ask for them")
        asked["next"] = following
    raise UpstreamError(f"{url}: more than {_PAGES:,} pages")


async def _ask(
    method: str,
    url: str,
    login: str | None,
    room: _Room,
    asked: dict[str, str] | None = None,
    given: Object | None = None,
) -> Object:
    with needs("cli"):
        import httpx2
    import orjson

    address = f"{url.rstrip('/')}/objects/"
    user, _, password = (login or "").partition(":")
    headers = {"accept": MEDIA, "accept-encoding": "gzip"}
    if given is not None:
        headers["content-type"] = MEDIA
    try:
        async with (
            httpx2.AsyncClient(
                auth=(user, password) if login else None,
                timeout=TIMEOUT_SECONDS,
                follow_redirects=False,  # a collection does not say whom else to ask
            ) as client,
            client.stream(
                method, address, params=asked, headers=headers,
                content=None if given is None else orjson.dumps(given),
            ) as answer,
        ):  # fmt: skip
            if not answer.is_success:
                raise UpstreamError(f"{address}: answered {answer.status_code}")
            coding = answer.headers.get("content-encoding", "")
            body = await room.read(address, answer.aiter_raw(), coding)
            return _document(address, answer.headers.get("content-type", ""), body)
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise UpstreamError(f"{address}: {error}") from None


def _document(address: str, media: str, body: bytes) -> Object:
    import orjson

    if not media.replace(" ", "").startswith("application/taxii+json"):
        raise UpstreamError(f"{address}: answered {media or 'nothing'}, which is no TAXII 2.1")
    try:
        check(body, BOUNDS)
        read: Any = orjson.loads(body)
    except (orjson.JSONDecodeError, WireError) as error:
        raise UpstreamError(f"{address}: {error}") from None
    if not isinstance(read, dict):
        raise UpstreamError(f"{address}: answered no JSON object")
    return read
