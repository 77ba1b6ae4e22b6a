"""One request's bytes: where a server may think that it ends."""

from collections.abc import Callable
from typing import NamedTuple

from hypothesis import strategies as st
from tests.differential.grammar.documents import Draw
from tests.differential.grammar.headers import KEYS, Lines
from tests.differential.request import MARK


class Message(NamedTuple):
    """Start line, headers and body, before it is known how the body is framed."""

    method: str
    target: str
    headers: Lines
    body: bytes
    version: str = "HTTP/1.1"


def framed(draw: Draw, message: Message, kind: str) -> bytes:
    """Write a request, framed in one of `KINDS`."""
    if not kind:
        return _written(message, [_length(message.body)], message.body)
    return KINDS[kind](draw, message)


def _written(message: Message, more: Lines, body: bytes) -> bytes:
    lines = [f"{message.method} {message.target} {message.version}"]
    marked = (*message.headers, *more, ("x-run", MARK.decode()))
    lines += [f"{name}: {value}" for name, value in marked]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def _length(body: bytes) -> tuple[str, str]:
    return "Content-Length", str(len(body))


def _chunks(draw: Draw, body: bytes, *, extended: bool, trailers: Lines) -> bytes:
    cut = draw(st.integers(0, len(body)))
    extension = draw(st.sampled_from((";a=b", ';a="b;\\"c"', ";a", " ;a=b"))) if extended else ""
    pieces = [piece for piece in (body[:cut], body[cut:]) if piece]
    data = b"".join(b"%x%b\r\n%b\r\n" % (len(one), extension.encode(), one) for one in pieces)
    end = "".join(f"{name}: {value}\r\n" for name, value in trailers)
    return data + b"0\r\n" + end.encode("latin-1") + b"\r\n"


_CHUNKED = ("Transfer-Encoding", "chunked")


def _chunked(draw: Draw, message: Message) -> bytes:
    extended = draw(st.booleans())
    return _written(
        message, [_CHUNKED], _chunks(draw, message.body, extended=extended, trailers=[])
    )


def _trailers(draw: Draw, message: Message) -> bytes:
    """End a chunked body with fields that would mean something in a head."""
    choices = st.sampled_from((
        ("x-plan", "research"),
        ("x-plan", "pro"),
        ("authorization", f"Bearer {KEYS[1]}"),
        ("x-api-key", KEYS[2]),
        ("content-encoding", "gzip"),
        ("content-length", "3"),
        ("x-trailer", "1"),
        ("host", "other"),
    ))  # fmt: skip
    found = draw(st.lists(choices, min_size=1, max_size=2))
    if draw(st.booleans()):  # nothing of the kind in the head
        names = {name for name, _ in found} - {"host"}
        kept = [line for line in message.headers if line[0].lower() not in names]
        message = message._replace(headers=kept)
    body = _chunks(draw, message.body, extended=False, trailers=found)
    return _written(message, [_CHUNKED], body)


def _both(draw: Draw, message: Message) -> bytes:
    """Give a length and chunks; some servers refuse it, others take the chunks."""
    body = _chunks(draw, message.body, extended=False, trailers=[])
    length = draw(st.sampled_from((len(body), len(message.body), 0, 3)))
    lines = [_CHUNKED, ("Content-Length", str(length))]
    return _written(message, lines if draw(st.booleans()) else lines[::-1], body)


def _codings(draw: Draw, message: Message) -> bytes:
    value = draw(
        st.sampled_from(
            (
                "gzip, chunked",
                "chunked, chunked",
                "Chunked",
                "identity",
                "chunked ",
                "\tchunked",
                "xchunked",
                "chunked, identity",
            )
        )
    )
    body = _chunks(draw, message.body, extended=False, trailers=[])
    return _written(message, [("Transfer-Encoding", value)], body)


def _lengths(draw: Draw, message: Message) -> bytes:
    size = len(message.body)
    values = draw(
        st.sampled_from(
            (
                (size, size),
                (size, 0),
                (0, size),
                (f"{size}, {size}",),
                (f"+{size}",),
                (f"0{size}",),
                (f"{size} ",),
                (hex(size),),
                ("-1",),
                (size + 7,),
                (max(0, size - 5),),
            )
        )
    )
    return _written(message, [("Content-Length", str(one)) for one in values], message.body)


def _upgrade(draw: Draw, message: Message) -> bytes:
    """Propose another protocol, with a body."""
    protocol = draw(st.sampled_from(("h2c", "websocket", "TLS/1.0", "foo/2", "HTTP/2.0")))
    connection = draw(
        st.sampled_from(
            (
                "upgrade",
                "Upgrade",
                "keep-alive, Upgrade",
                "Upgrade, HTTP2-Settings",
                "close, upgrade",
            )
        )
    )
    lines = [("Connection", connection), ("Upgrade", protocol)]
    if protocol == "h2c":
        lines.append(("HTTP2-Settings", "AAMAAABkAARAAAAAAAIAAAAA"))
    if draw(st.booleans()):
        return _written(
            message, [*lines, _CHUNKED], _chunks(draw, message.body, extended=False, trailers=[])
        )
    return _written(message, [*lines, _length(message.body)], message.body)


def _expect(draw: Draw, message: Message) -> bytes:
    value = draw(st.sampled_from(("100-continue", "100-Continue", "200-ok")))
    return _written(message, [("Expect", value), _length(message.body)], message.body)


def _old(draw: Draw, message: Message) -> bytes:
    message = message._replace(
        version=draw(st.sampled_from(("HTTP/1.0", "HTTP/1.0", "HTTP/1.2", "HTTP/0.9")))
    )
    kept = draw(st.sampled_from(([], [("Connection", "keep-alive")], [("Connection", "close")])))
    if draw(st.integers(0, 3)):
        return _written(message, [*kept, _length(message.body)], message.body)
    return _written(
        message, [*kept, _CHUNKED], _chunks(draw, message.body, extended=False, trailers=[])
    )


def _within(draw: Draw, message: Message) -> bytes:
    """Make the body a whole request of its own: only who loses count of bytes reads it."""
    inner = _written(message, [_length(message.body)], message.body)
    outer = message._replace(body=inner)
    return draw(st.sampled_from((_upgrade, _chunked, _both, _lengths, _expect)))(draw, outer)


def _method(draw: Draw, message: Message) -> bytes:
    methods = st.sampled_from(
        ("post", "PUT", "GET", "PATCH", "DELETE", "OPTIONS", "QUERY", "HEAD", "Post")
    )
    message = message._replace(method=draw(methods))
    return _written(message, [_length(message.body)], message.body)


def _lines(draw: Draw, message: Message) -> bytes:
    """End lines or fold headers in ways that were once allowed."""
    data = _written(message, [_length(message.body)], message.body)
    head, _, body = data.partition(b"\r\n\r\n")
    how = draw(st.sampled_from(("lf", "fold", "blank", "bare", "tab")))
    if how == "lf":
        return head.replace(b"\r\n", b"\n") + b"\n\n" + body
    if how == "fold":
        return head.replace(b": ", b":\r\n ", 1) + b"\r\n\r\n" + body
    if how == "blank":
        return b"\r\n\r\n" + data
    if how == "tab":
        return head.replace(b": ", b":\t") + b"\r\n\r\n" + body
    return head + b"\r\nX-Bare: a\rb" + b"\r\n\r\n" + body


KINDS: dict[str, Callable[[Draw, Message], bytes]] = {
    "both": _both,
    "chunked": _chunked,
    "codings": _codings,
    "expect": _expect,
    "lengths": _lengths,
    "lines": _lines,
    "method": _method,
    "old": _old,
    "trailers": _trailers,
    "upgrade": _upgrade,
    "within": _within,
}
