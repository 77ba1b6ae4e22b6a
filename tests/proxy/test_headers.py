"""Hop-by-hop headers end here; everything else passes in order, duplicates and all."""

import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distillgate.proxy.headers import (
    HOP_BY_HOP,
    content_length,
    end_to_end,
    request_headers,
    response_headers,
)

TOKEN = st.text(string.ascii_letters + string.digits + "-_", min_size=1, max_size=20).map(
    str.encode
)
VALUE = st.binary(max_size=30)
ORDINARY = st.tuples(TOKEN, VALUE).filter(lambda pair: pair[0].lower() not in HOP_BY_HOP)
HOP = st.tuples(
    st.sampled_from(sorted(HOP_BY_HOP - {b"connection", b"transfer-encoding"})).map(bytes.title),
    VALUE,
)


@given(st.lists(ORDINARY), st.lists(HOP), st.randoms())
def test_hop_by_hop_headers_are_dropped_wherever_they_stand(
    ordinary: list[tuple[bytes, bytes]], hops: list[tuple[bytes, bytes]], random: object
) -> None:
    mixed = list(ordinary)
    for hop in hops:
        mixed.insert(random.randrange(len(mixed) + 1), hop)  # type: ignore[attr-defined]  # Random
    assert end_to_end(mixed) == [(name.lower(), value) for name, value in ordinary]


@given(st.lists(ORDINARY, min_size=1), st.sampled_from([b", ", b",", b" ,\t"]))
def test_what_connection_names_is_dropped_too(
    ordinary: list[tuple[bytes, bytes]], separator: bytes
) -> None:
    named = [name for name, _ in ordinary[::2]]
    kept = end_to_end([*ordinary, (b"Connection", separator.join([b"close", *named]))])
    dropped = {name.lower() for name in named}
    assert kept == [(n.lower(), v) for n, v in ordinary if n.lower() not in dropped]


@given(st.lists(st.one_of(ORDINARY, HOP)))
def test_dropping_twice_is_dropping_once(headers: list[tuple[bytes, bytes]]) -> None:
    assert end_to_end(end_to_end(headers)) == end_to_end(headers)


def test_every_connection_header_is_read() -> None:
    headers = [(b"connection", b"x-a"), (b"x-a", b"1"), (b"x-b", b"2"), (b"CONNECTION", b"X-B")]
    assert end_to_end(headers) == []


def test_a_length_beside_a_transfer_coding_is_dropped() -> None:
    headers = [(b"Content-Length", b"5"), (b"Transfer-Encoding", b"chunked"), (b"x", b"1")]
    assert end_to_end(headers) == [(b"x", b"1")]


def test_duplicates_and_their_order_stay() -> None:
    cookies = [(b"set-cookie", b"b=2"), (b"x", b"1"), (b"set-cookie", b"a=1")]
    assert response_headers(cookies, status=200) == cookies


@pytest.mark.parametrize(
    ("status", "head", "kept"), [(200, False, True), (304, False, False), (304, True, True)]
)
def test_an_answer_without_content_has_no_length(status: int, head: bool, kept: bool) -> None:
    headers = response_headers([(b"Content-Length", b"5")], status=status, head=head)
    assert (headers == [(b"content-length", b"5")]) is kept


def test_what_is_rebuilt_for_the_upstream_is_left_out() -> None:
    headers = [
        (b"Host", b"a"),
        (b"Content-Length", b"1"),
        (b"Expect", b"100-continue"),
        (b"x", b""),
    ]
    sent = request_headers(headers, client=None, scheme="http", forwarded="off")
    assert sent == [(b"x", b"")]


def test_append_adds_the_client_to_the_list_and_keeps_what_the_first_proxy_said() -> None:
    headers = [
        (b"host", b"inner"),
        (b"x-forwarded-for", b"203.0.113.7"),
        (b"X-Forwarded-For", b"198.51.100.1, 198.51.100.2"),
        (b"x-forwarded-proto", b"https"),
    ]
    assert request_headers(headers, client="::1", scheme="http") == [
        (b"x-forwarded-proto", b"https"),
        (b"x-forwarded-for", b"203.0.113.7, 198.51.100.1, 198.51.100.2, ::1"),
        (b"x-forwarded-host", b"inner"),
    ]


def test_replace_says_only_what_was_seen_here() -> None:
    headers = [
        (b"host", b"outer"),
        (b"forwarded", b"for=evil"),
        (b"x-forwarded-for", b"evil"),
        (b"x-forwarded-host", b"evil"),
    ]
    sent = request_headers(headers, client="10.0.0.1", scheme="https", forwarded="replace")
    assert sent == [
        (b"x-forwarded-for", b"10.0.0.1"),
        (b"x-forwarded-proto", b"https"),
        (b"x-forwarded-host", b"outer"),
    ]


def test_via_is_added_after_what_came() -> None:
    sent = request_headers(
        [(b"via", b"1.0 fred")], client=None, scheme="http", forwarded="off", via=True
    )
    assert sent == [(b"via", b"1.0 fred"), (b"via", b"1.1 distillgate")]


@pytest.mark.parametrize(
    ("headers", "length"),
    [
        ([], None),
        ([(b"Content-Length", b"12")], 12),
        ([(b"content-length", b"+12")], None),
        ([(b"content-length", b"\xb2")], None),
    ],
)
def test_a_declared_length_is_a_plain_number(
    headers: list[tuple[bytes, bytes]], length: int | None
) -> None:
    assert content_length(headers) == length


@pytest.mark.parametrize("forwarded", ["append", "replace", "off"])
def test_nothing_that_a_stranger_says_of_who_asked_goes_on(forwarded: Any) -> None:
    headers = [
        (b"host", b"h"),
        (b"Forwarded", b"for=10.0.0.1"),
        (b"X-Forwarded-For", b"10.0.0.1"),
        (b"x_forwarded_for", b"10.0.0.1"),
        (b"x-forwarded-host", b"10.0.0.1"),
        (b"X-Forwarded-User", b"10.0.0.1"),
        (b"X-Real-IP", b"10.0.0.1"),
        (b"x-other", b"1"),
    ]
    sent = request_headers(
        headers, client="192.0.2.1", scheme="http", forwarded=forwarded, trusted=False
    )
    assert b"10.0.0.1" not in b"".join(value for _, value in sent)
    assert (b"x-other", b"1") in sent
    assert ((b"x-forwarded-for", b"192.0.2.1") in sent) is (forwarded != "off")


@pytest.mark.parametrize(
    "name", [b"x_account", b"X_Account", b"x_forwarded_for", b"content_length"]
)
def test_no_other_spelling_of_what_a_proxy_sets_goes_on(name: bytes) -> None:
    headers = [(b"x-account", b"edge"), (name, b"root"), (b"x_other", b"1")]
    sent = request_headers(headers, client=None, scheme="http", forwarded="off", own={b"x-account"})
    assert sent == [(b"x-account", b"edge"), (b"x_other", b"1")]


def test_a_client_cannot_take_off_what_a_proxy_sets() -> None:
    headers = [(b"connection", b"x-account, x-other"), (b"x-account", b"edge"), (b"x-other", b"1")]
    sent = request_headers(headers, client=None, scheme="http", forwarded="off", own={b"x-account"})
    assert sent == [(b"x-account", b"edge")]
