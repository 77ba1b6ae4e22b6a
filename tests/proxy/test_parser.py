"""The pieces in which bytes come change nothing of what they mean."""

import itertools
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distillgate.proxy.head import HeadLimits, InvalidRequestError
from distillgate.proxy.parser import RequestParser

LIMITS = HeadLimits(line_bytes=256, head_bytes=1024, headers=20)
REQUESTS = (
    b"\r\nPOST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello"
    b"GET /b?x HTTP/1.1\r\nHost: h\r\n\r\n"
    b"POST /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"3;a=b\r\nabc\r\n00A\r\n0123456789\r\n0\r\nx-a: b\r\nx-c: d\r\n\r\n"
    b"GET /d HTTP/1.0\r\n\r\n"
)
READ = [("/a", b"hello"), ("/b", b""), ("/c", b"abc0123456789"), ("/d", b"")]


def read(pieces: Iterable[bytes]) -> list[tuple[str, bytes]]:
    """Read all requests, each with its body."""
    parser = RequestParser(LIMITS)
    found: list[tuple[str, bytes]] = []
    for piece in pieces:
        parser.feed(piece)
        while True:
            if parser.complete:
                head = parser.head()
                if head is None:
                    break
                found.append((head.path, b""))
            else:
                more = parser.body()
                if more is None:
                    break
                path, body = found.pop()
                found.append((path, body + more))
    assert parser.complete
    assert parser.buffered == 0
    return found


def cut(data: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(places), len(data)]
    return [data[a:b] for a, b in itertools.pairwise(edges)]


@given(st.lists(st.integers(0, len(REQUESTS)), max_size=12))
def test_requests_are_the_same_however_they_are_cut(places: list[int]) -> None:
    assert read(cut(REQUESTS, places)) == READ


def test_requests_are_the_same_byte_by_byte() -> None:
    assert read(bytes([byte]) for byte in REQUESTS) == READ


def outcome(pieces: Iterable[bytes]) -> object:
    try:
        return read(pieces)
    except (InvalidRequestError, AssertionError) as error:
        return type(error)


@given(
    st.integers(0, len(REQUESTS) - 1),
    st.sampled_from([b"\n", b"\r", b"\x00", b" ", b"\xff", b"", b"\r\n"]),
    st.lists(st.integers(0, len(REQUESTS)), max_size=6),
)
def test_a_change_is_read_or_refused_the_same_however_it_is_cut(
    at: int, byte: bytes, places: list[int]
) -> None:
    changed = REQUESTS[:at] + byte + REQUESTS[at + 1 :]
    whole, pieces = outcome([changed]), outcome(cut(changed, places))
    assert whole == pieces


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET /" + b"a" * 300, 414),
        (b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 200, 431),
        (b"GET / HTTP/1.1\n", 400),
        (b"GET / HTTP/3.0\r\n", 505),
        (b"hello", 400),
        (b"\r\n\r\n\r\nGET", 400),
    ],
)
def test_what_can_become_no_request_is_refused_before_it_is_whole(sent: bytes, status: int) -> None:
    parser = RequestParser(LIMITS)
    parser.feed(sent)
    with pytest.raises(InvalidRequestError) as caught:
        parser.head()
    assert caught.value.status == status


def test_very_many_chunks_are_read_in_turns() -> None:
    parser = RequestParser(LIMITS)
    parser.feed(b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n")
    parser.feed(b"1\r\nx\r\n" * 1000 + b"0\r\n\r\n")
    assert parser.head() is not None
    pieces = []
    while not parser.complete:
        piece = parser.body()
        assert piece is not None
        pieces.append(len(piece))
    assert sum(pieces) == 1000
    assert max(pieces) <= 256


def test_what_is_left_can_be_taken() -> None:
    parser = RequestParser(LIMITS)
    parser.feed(b"GET / HTTP/1.1\r\nHost: h\r\n\r\nleft")
    assert parser.head() is not None
    assert (parser.rest(), parser.buffered) == (b"left", 0)
