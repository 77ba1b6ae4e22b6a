"""A TAXII 2.1 collection: reading what it holds, and adding to it."""

from typing import Any

from distillgate.errors import UpstreamError, needs
from distillgate.intel.received import MOST_BYTES, MOST_OBJECTS
from distillgate.intel.stix import Object

MEDIA = "application/taxii+json;version=2.1"
TIMEOUT_SECONDS = 30.0
_PAGES = 1000
"""Pages of one collection that are read, at most."""


def poll(url: str, login: str | None, after: str | None = None) -> list[Object]:
    """Return the objects of a collection, those that were added after a moment where one is given.

    Raises `UpstreamError` where the server does not answer as TAXII 2.1 says.
    """
    found: list[Object] = []
    asked: dict[str, str] = {} if after is None else {"added_after": after}
    for _ in range(_PAGES):
        page = _ask("GET", url, login, asked=asked)
        objects = page.get("objects", [])
        if not isinstance(objects, list) or len(found) + len(objects) > MOST_OBJECTS:
            raise UpstreamError(f"{url}: `objects` is no list of at most {MOST_OBJECTS:,} objects")
        found += objects
        if not page.get("more"):
            return found
        if not isinstance(page.get("next"), str):
            raise UpstreamError(f"{url}: there are more objects, and no `next` to ask for them")
        asked["next"] = page["next"]
    raise UpstreamError(f"{url}: more than {_PAGES:,} pages")


def push(url: str, login: str | None, objects: list[Object]) -> None:
    """Add objects to a collection. Raises `UpstreamError` where the server did not take them."""
    status = _ask("POST", url, login, given={"objects": objects})
    failed = status.get("failure_count")
    if failed:
        first = (status.get("failures") or [{}])[0]
        raise UpstreamError(f"{url}: {failed} objects were refused: {first.get('message', '?')}")


def _ask(
    method: str,
    url: str,
    login: str | None,
    asked: dict[str, str] | None = None,
    given: Object | None = None,
) -> Object:
    with needs("cli"):
        import httpx2
    import orjson

    address = f"{url.rstrip('/')}/objects/"
    user, _, password = (login or "").partition(":")
    headers = {"accept": MEDIA, **({"content-type": MEDIA} if given is not None else {})}
    try:
        with (
            httpx2.Client(
                auth=(user, password) if login else None, timeout=TIMEOUT_SECONDS
            ) as client,
            client.stream(
                method, address, params=asked, headers=headers,
                content=None if given is None else orjson.dumps(given),
            ) as answer,
        ):  # fmt: skip
            body = b""
            for piece in answer.iter_bytes():
                body += piece
                if len(body) > MOST_BYTES:
                    raise UpstreamError(f"{address}: answered more than {MOST_BYTES:,} bytes")
            if not answer.is_success:
                raise UpstreamError(f"{address}: answered {answer.status_code}")
            return _document(address, answer.headers.get("content-type", ""), body)
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise UpstreamError(f"{address}: {error}") from None


def _document(address: str, media: str, body: bytes) -> Object:
    import orjson

    if not media.replace(" ", "").startswith("application/taxii+json"):
        raise UpstreamError(f"{address}: answered {media or 'nothing'}, which is no TAXII 2.1")
    try:
        read: Any = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise UpstreamError(f"{address}: {error}") from None
    if not isinstance(read, dict):
        raise UpstreamError(f"{address}: answered no JSON object")
    return read
