"""What a gateway tells of an exchange, as the messages that a server would have brought. Pure."""

from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from starlette.types import Message as Sent
from starlette.types import Scope

from distillgate.asgi.answer import OUTCOME
from distillgate.asgi.detached import scope_of
from distillgate.errors import WireError
from distillgate.traffic.log import read_response
from distillgate.wire import document
from distillgate.wire.exchange import Outcome

Message = Mapping[str, Any]
Headers = Sequence[tuple[bytes, bytes]]

_CODED = frozenset({b"content-encoding", b"content-length", b"transfer-encoding"})
"""Headers that do not hold for a body that the gateway has decoded."""


class WrongError(ValueError):
    """A gateway's message lacks something; says what."""


class Asked(NamedTuple):
    """A request that is to be judged."""

    scope: Scope
    body: bytes
    as_json: bool
    """The body came as JSON, and is given back so."""


class Came(NamedTuple):
    """What came of an exchange."""

    messages: tuple[Sent, ...]
    aborted: bool
    as_json: bool
    told: bool
    """Only a summary was told: there are no bytes to give back."""


def request_of(asked: Message, peer: str | None) -> Asked:
    """Read a request. Without a `peer` of its own the gateway's address is that."""
    method, target = asked.get("method", "POST"), asked.get("path")
    peer = asked.get("peer", peer)
    if not isinstance(method, str) or not isinstance(target, str) or target[:1] != "/":
        raise WrongError('give the request: {"method": "POST", "path": "/v1/…", "headers": …}')
    if peer is not None and not isinstance(peer, str):
        raise WrongError("`peer` is an address")
    body, decoded = _body(asked)
    headers = _headers(asked.get("headers", {}))
    if decoded:
        headers = _of_json(headers, len(body or b""))
    scope = scope_of(method.upper(), target, headers, peer)
    return Asked(scope, body or b"", decoded and not isinstance(asked.get("body"), str))


def answer_of(asked: Message) -> Came:
    """Read what came of an exchange: its bytes, or a summary as in the traffic log."""
    aborted, status = asked.get("aborted", False) is True, asked.get("status")
    if isinstance(status, bool) or not isinstance(status, int) or not 100 <= status <= 599:
        if aborted and status is None:
            return Came((), aborted, as_json=False, told=True)
        raise WrongError("`status` is that of the answer: a number from 100 to 599")
    body, decoded = _body(asked)
    headers = _headers(asked.get("headers", {}))
    if decoded:
        headers = [pair for pair in headers if pair[0] not in _CODED]
    start: Sent = {"type": "http.response.start", "status": status, "headers": headers}
    if body is None:
        start[OUTCOME] = _outcome(asked)
    end = {"type": "http.response.body", "body": body or b"", "more_body": aborted}
    as_json = decoded and not isinstance(asked.get("body"), str)
    return Came((start, end), aborted, as_json, told=body is None)


def given_back(came: Came, sent: Sequence[Sent]) -> dict[str, Any]:
    """Return what the client is to get, as far as it differs from what came; mostly nothing."""
    start, end = came.messages
    found: dict[str, Any] = {}
    body = b"".join(one.get("body", b"") for one in sent if one["type"] == "http.response.body")
    if sent[0]["headers"] != start["headers"]:
        found["headers"] = headers_of(sent[0]["headers"])
    if not came.told and body != end["body"]:
        found |= written(body, as_json=came.as_json)
    return found


def headers_of(pairs: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Return headers by their names; of several of one name, the values are joined."""
    found: dict[str, str] = {}
    for name, value in pairs:
        key, text = name.decode("latin-1"), value.decode("latin-1")
        found[key] = f"{found[key]}, {text}" if key in found else text
    return found


def written(body: bytes, *, as_json: bool) -> dict[str, Any]:
    """Return a body in the form in which the gateway gave its own."""
    if as_json:
        try:
            return {"body": document.read(body)}
        except WireError:
            pass
    return {"body_base64": b64encode(body).decode()}


def _body(asked: Message) -> tuple[bytes | None, bool]:
    """Return a body's bytes, and whether the gateway has undone their coding."""
    if "body_base64" in asked:
        try:
            return b64decode(asked["body_base64"], validate=True), False
        except (TypeError, ValueError):
            raise WrongError("`body_base64` is not base64") from None
    body = asked.get("body")
    if body is None:
        return None, False
    if isinstance(body, str):
        return body.encode("utf-8", "surrogatepass"), True
    return document.write(body), True


def _headers(given: Any) -> list[tuple[bytes, bytes]]:
    """Read headers: an object, whose values may be lists, or a list of pairs."""
    pairs: list[tuple[Any, Any]] = []
    try:
        for name, value in given.items() if isinstance(given, dict) else given:
            values = value if isinstance(value, list) else [value]
            pairs += [(name, one) for one in values]
        return [(n.lower().encode("latin-1"), v.encode("latin-1")) for n, v in pairs]
    except (AttributeError, TypeError, ValueError):
        raise WrongError("`headers` is an object of texts, or a list of [name, value]") from None


def _of_json(headers: Headers, size: int) -> list[tuple[bytes, bytes]]:
    """Return a request's headers, in their order, for its body as JSON in UTF-8."""
    holds = {b"content-type": b"application/json", b"content-length": b"%d" % size}
    return [(n, holds.get(n, value)) for n, value in headers if n != b"content-encoding"]


def _outcome(asked: Message) -> Outcome:
    outcome = read_response(asked)
    if outcome.completion_tokens is None and 200 <= outcome.status < 300:
        text = asked.get("text")
        outcome.answer_chars = len(text) if isinstance(text, str) else 0
        outcome.missed = not outcome.answer_chars  # charged as reserved
    return outcome
