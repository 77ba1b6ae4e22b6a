"""A head has one meaning or none; tests/proxy/test_front.py tries many on real sockets."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distillgate.proxy.head import HeadLimits, InvalidRequestError, parse_head

LIMITS = HeadLimits(line_bytes=512, head_bytes=4096, headers=20)
NAME = st.from_regex(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,20}", fullmatch=True).filter(
    lambda name: (
        name.lower()
        not in (
            b"host",
            b"content-length",
            b"transfer-encoding",
            b"connection",
            b"upgrade",
            b"expect",
        )
    )
)
VALUE = st.from_regex(
    rb"([\x21-\x7e\x80-\xff]([\x20-\x7e\x80-\xff\t]{0,20}[\x21-\x7e])?)?", fullmatch=True
)


def head(*lines: bytes) -> bytes:
    return b"\r\n".join((*lines, b""))


@given(st.lists(st.tuples(NAME, VALUE), max_size=15), st.sampled_from([b"", b" ", b"\t ", b"  "]))
def test_headers_come_out_as_they_were_but_for_case_and_the_white_space_around(
    headers: list[tuple[bytes, bytes]], space: bytes
) -> None:
    lines = [name + b":" + space + value + space for name, value in headers]
    parsed = parse_head(head(b"GET /a?b HTTP/1.1", b"Host: h", *lines), LIMITS)
    assert parsed.headers[1:] == [(name.lower(), value) for name, value in headers]
    assert (parsed.method, parsed.raw_path, parsed.query) == ("GET", b"/a", b"b")


@given(st.binary(max_size=60))
def test_whatever_comes_is_read_or_refused(block: bytes) -> None:
    for given_ in (block + b"\r\n", head(b"GET / HTTP/1.1", b"Host: h", block)):
        with contextlib.suppress(InvalidRequestError):
            parsed = parse_head(given_, LIMITS)
            assert b"\n" not in b"".join(value for _, value in parsed.headers)
            assert parsed.raw_path.startswith(b"/")


@pytest.mark.parametrize(
    ("lines", "length"),
    [
        ((), 0),
        ((b"Content-Length: 12",), 12),
        ((b"content-length:0012",), 12),
        ((b"Transfer-Encoding: Chunked",), None),
    ],
)
def test_a_body_has_a_length_or_is_chunked(lines: tuple[bytes, ...], length: int | None) -> None:
    assert parse_head(head(b"POST / HTTP/1.1", b"Host: h", *lines), LIMITS).length == length


@pytest.mark.parametrize(
    ("version", "lines", "kept"),
    [
        (b"1.1", (), True),
        (b"1.1", (b"Connection: x, Close",), False),
        (b"1.1", (b"Connection: x", b"Connection: close"), False),
        (b"1.0", (b"Connection: keep-alive",), False),
    ],
)
def test_a_connection_is_kept_as_its_client_says(
    version: bytes, lines: tuple[bytes, ...], kept: bool
) -> None:
    assert parse_head(head(b"GET / HTTP/" + version, b"Host: h", *lines), LIMITS).keep_alive is kept


OPENING = (
    b"Connection: keep-alive, Upgrade",
    b"Upgrade: WebSocket",
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
)


@pytest.mark.parametrize(
    ("start", "lines", "opens"),
    [
        (b"GET /a?b HTTP/1.1", OPENING, True),
        (b"POST /a HTTP/1.1", OPENING, False),
        (b"GET /a HTTP/1.0", OPENING, False),
        (b"GET /a HTTP/1.1", OPENING[:2], False),
        (b"GET /a HTTP/1.1", OPENING[1:], False),
        (b"GET /a HTTP/1.1", (*OPENING, b"Upgrade: h2c"), False),
        (b"GET /a HTTP/1.1", (*OPENING, b"Content-Length: 3"), False),
        (b"GET /a HTTP/1.1", (*OPENING, b"Transfer-Encoding: chunked"), False),
    ],
)
def test_only_a_whole_handshake_opens_a_websocket(
    start: bytes, lines: tuple[bytes, ...], opens: bool
) -> None:
    parsed = parse_head(head(start, b"Host: h", *lines), LIMITS)
    assert parsed.websocket is opens
    if opens:
        assert parsed.handshake.startswith(b"GET /a?b HTTP/1.1\r\nhost: h\r\n")
        assert parsed.handshake.endswith(b"\r\n\r\n")


def test_an_error_knows_the_path_once_it_was_read() -> None:
    with pytest.raises(InvalidRequestError) as caught:
        parse_head(head(b"POST /v1/messages HTTP/1.1", b"Host : h"), LIMITS)
    assert caught.value.head is not None
    assert caught.value.head.path == "/v1/messages"
