"""What of a message's headers goes on to the next connection. Pure; names come out lower case."""

from collections.abc import Collection, Iterable
from typing import Literal

Headers = list[tuple[bytes, bytes]]

HOP_BY_HOP = frozenset(
    {
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    }
)
"""Meant for one connection only (RFC 9110 7.6.1)."""

FORWARDED = frozenset({b"forwarded", b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto"})
"""What proxies before us may have said (RFC 7239, and the names in use before it)."""

_REBUILT = frozenset({b"host", b"content-length", b"expect"})
"""What is written anew for the next connection."""

_APPENDED = _REBUILT | {b"x-forwarded-for"}
_REPLACED = _REBUILT | FORWARDED
"""The same, where we add to what proxies before us said, and where we say it anew."""

_ALIASED = FORWARDED | HOP_BY_HOP | _REBUILT

WITHOUT_LENGTH = (204, 304)
"""Answers without content, whose length would only be misread (RFC 9110 8.6, 15.3.5, 15.4.5)."""

VIA = b"1.1 distillgate"


def end_to_end(
    headers: Iterable[tuple[bytes, bytes]], own: Collection[bytes] = frozenset()
) -> Headers:
    """Keep what is meant for the far end, in order, duplicates and all.

    Drops the hop-by-hop headers and those that `Connection` names; drops `Content-Length` beside a
    `Transfer-Encoding`, which overrides it (RFC 9112 6.3). `own` are headers that a proxy before us
    sets: a client cannot take them off by naming them in a `Connection` that the proxy passes on.
    """
    lowered = [(name.lower(), value) for name, value in headers]
    drop = HOP_BY_HOP
    for name, value in lowered:
        if name == b"connection":
            tokens = {token.strip().lower() for token in value.split(b",")}
            drop = drop | tokens.difference(own)
        elif name == b"transfer-encoding":
            drop = drop.union((b"content-length",))
    return [pair for pair in lowered if pair[0] not in drop]


def request_headers(
    headers: Iterable[tuple[bytes, bytes]],
    *,
    client: str | None,
    scheme: str,
    forwarded: Literal["append", "replace", "off"] = "append",
    via: bool = False,
    trusted: bool = True,
    own: Collection[bytes] = frozenset(),
) -> Headers:
    """Build what the upstream is sent, without what is rebuilt for its connection.

    Of a peer that is not `trusted` no word about who asked goes on, whatever `forwarded` says. Nor
    does a name like `x_plan` that WSGI and CGI take for one of `own`: proxies clean `x-plan` alone.

    `Host` and `Content-Length` are left to whoever sends the request. So is `Expect`: the server in
    front of us has answered `100-continue` already.
    """
    came = end_to_end(headers, own)
    said = dict(came)
    append = trusted and forwarded == "append"
    drop = _REBUILT if forwarded == "off" else _APPENDED if append else _REPLACED
    if b"_" in b"".join(said):
        drop = drop | {name for name in said if b"_" in name and _is_alias(name, own)}
    if not trusted:
        drop = drop | {name for name in said if _is_forwarding(name)}
    kept = [pair for pair in came if pair[0] not in drop]
    if forwarded != "off":
        kept += _forwarding(came if append else (), client, scheme, _first(came, b"host"))
    if via:
        kept.append((b"via", VIA))
    return kept


def _is_alias(name: bytes, own: Collection[bytes]) -> bool:
    name = name.replace(b"_", b"-")
    return name in own or name in _ALIASED


def _is_forwarding(name: bytes) -> bool:
    """Return whether a header says who asked, by whatever spelling an upstream reads it.

    WSGI and CGI make one name of `X-Forwarded-For` and `X_Forwarded_For`.
    """
    name = name.replace(b"_", b"-")
    return name in FORWARDED or name.startswith(b"x-forwarded-") or name == b"x-real-ip"


def response_headers(
    headers: Iterable[tuple[bytes, bytes]], *, status: int, head: bool = False
) -> Headers:
    """Build what the client is sent. The content's own coding is never touched."""
    kept = end_to_end(headers)
    if status in WITHOUT_LENGTH and not head:
        kept = [pair for pair in kept if pair[0] != b"content-length"]
    return kept


def content_length(headers: Iterable[tuple[bytes, bytes]]) -> int | None:
    """Read the length a message declares; None where it declares none, or none that is a number."""
    for name, value in headers:
        if name.lower() == b"content-length":
            return int(value) if value.isdigit() else None
    return None


def _first(headers: Headers, wanted: bytes) -> bytes | None:
    return next((value for name, value in headers if name == wanted), None)


def _forwarding(
    came: Collection[tuple[bytes, bytes]], client: str | None, scheme: str, host: bytes | None
) -> Headers:
    """Return who asked, how, and for which host.

    Addresses form a list, each proxy adding the one it saw; scheme and host are the first proxy's
    to say, so what `came` stays.
    """
    said, added, hops = dict(came), [], []
    if b"x-forwarded-for" in said:
        hops = [value for name, value in came if name == b"x-forwarded-for" and value.strip()]
    if client is not None:
        hops.append(client.encode("latin-1", "replace"))
    if hops:
        added.append((b"x-forwarded-for", b", ".join(hops)))
    if b"x-forwarded-proto" not in said:
        added.append((b"x-forwarded-proto", scheme.encode()))
    if host is not None and b"x-forwarded-host" not in said:
        added.append((b"x-forwarded-host", host))
    return added
