import gc
import itertools
import json
import sys
from types import FunctionType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from distillgate.wire import sse
from distillgate.wire.event_frames import NAME_LIMIT
from distillgate.wire.sse import Event, Oversize, Reader


def events(*chunks: bytes) -> list[Event]:
    reader = Reader()
    return [event for chunk in chunks for event in reader.feed(chunk)]


def data(*chunks: bytes) -> list[bytes]:
    return [event.data for event in events(*chunks)]


def held(*roots: object) -> int:
    """Add up the bytes that an object holds, and those that it refers to."""
    todo, seen, size = list(roots), set(), 0
    while todo:
        one = todo.pop()
        if id(one) not in seen and type(one).__module__.startswith(("distillgate", "builtins")):
            seen.add(id(one))
            if isinstance(one, bytes | bytearray):
                size += len(one)
            elif not isinstance(one, type | FunctionType):
                todo += gc.get_referents(one)
    return size


def test_an_event_has_a_name_and_data() -> None:
    assert events(b"event: ping\ndata: {}\n\n") == [Event(b"ping", b"{}")]


def test_lines_end_in_cr_lf_or_both() -> None:
    assert data(b"data: a\n\ndata: b\r\rdata: c\r\n\r\n") == [b"a", b"b", b"c"]


def test_a_crlf_split_over_chunks_is_one_line_end() -> None:
    assert data(b"data: a\r", b"\ndata: b\r", b"\n\r", b"\n") == [b"a\nb"]


def test_an_event_is_given_at_once_even_where_an_lf_may_follow() -> None:
    reader = Reader()

    assert list(reader.feed(b"data: a\r\n\r")) == [Event(b"", b"a")]
    assert list(reader.feed(b"\n")) == []


def test_unicode_line_ends_are_data() -> None:
    text = "a\u2028b\u2029c\x85d\x0be\x0cf\x1cg".encode()

    assert data(b"data: " + text + b"\n\n") == [text]


def test_data_lines_are_joined_and_lose_one_space() -> None:
    assert data(b"data: a\ndata:b\ndata:  c\n\n") == [b"a\nb\n c"]


def test_data_without_a_colon_is_an_empty_line() -> None:
    assert data(b"data\n\ndata\ndata\n\ndata:\n\n") == [b"", b"\n", b""]


def test_comments_and_other_fields_are_passed_over() -> None:
    assert events(b": ping\nid: 1\nretry: 5\ndatum: x\ndata: a\n\n") == [Event(b"", b"a")]


def test_an_event_without_data_is_none_and_its_name_is_forgotten() -> None:
    assert events(b"event: a\n\ndata: b\n\n") == [Event(b"", b"b")]


def test_the_last_name_counts() -> None:
    assert events(b"event: a\nevent:b\ndata: x\n\n") == [Event(b"b", b"x")]
    assert events(b"event: a\nevent\ndata: x\n\n") == [Event(b"", b"x")]


def test_a_byte_order_mark_is_passed_over_at_the_start_only() -> None:
    assert data(b"\xef", b"\xbb", b"\xbfdata: a\n\n\xef\xbb\xbfdata: b\n\ndata: c\n\n") == [
        b"a",
        b"c",
    ]


def test_what_the_stream_cuts_off_is_no_event() -> None:
    assert data(b"data: a\n\ndata: b\n") == [b"a"]


def test_feeding_works_though_nobody_iterates() -> None:
    reader = Reader()
    reader.feed(b"data: a\n")

    assert list(reader.feed(b"\n")) == [Event(b"", b"a")]


BIG = b'{"usage": {"output_tokens": 7}, "image": "%s", "list": [%s]}' % (
    b"A" * 3_000_000,
    b'"x", ' * 100_000 + b"1",
)


@pytest.mark.parametrize("size", [1 << 30, 1 << 16, 4097])
@pytest.mark.parametrize(
    "form",
    [b"event: a\ndata: %s\n\n", b"data:%s\nevent: a\n\n", b":\r\nevent:a\r\ndata: %s\r\n\r\n"],
)
def test_of_an_event_over_the_limit_the_outline_is_given(form: bytes, size: int) -> None:
    stream = form % BIG + b"data: ok\n\n"

    found = events(*(stream[n : n + size] for n in range(0, len(stream), size)))

    assert [event.name for event in found] == [b"a", b""]
    assert found[1].data == b"ok"
    assert json.loads(found[0].data) == {
        "usage": {"output_tokens": 7}, "image": "", "list": [],
    }  # fmt: skip


def test_an_event_of_many_lines_over_the_limit_has_an_outline_too() -> None:
    stream = b"".join(b"data: %s\n" % line for line in BIG.replace(b", ", b",\n").split(b"\n"))

    (found,) = events(*(stream[n : n + 50_000] for n in range(0, len(stream), 50_000)), b"\n")

    assert json.loads(found.data)["usage"] == {"output_tokens": 7}


def test_a_long_comment_or_name_takes_nothing_from_its_event() -> None:
    long = b"x" * (2 * sse.EVENT_LIMIT)

    for line in (b":" + long, b"event: " + long, long):
        stream = b"data: a\n" + line + b"\ndata: b\n\n"
        assert events(stream) == [Event(b"", b"a\nb")]
        assert events(*(stream[n : n + 5000] for n in range(0, len(stream), 5000))) == [
            Event(b"", b"a\nb")
        ]


def test_a_line_that_never_ends_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sse, "EVENT_LIMIT", 1000)
    for begin in (b"x", b":", b'data: "', b"data: [", b"event: "):
        reader = Reader()
        for piece in (begin, *[b"x" * 100] * 1000):
            assert list(reader.feed(piece)) == []
        assert held(reader) <= 2200


@pytest.mark.parametrize("line", [b"\n", b"\r", b"\r\n", b":\n", b":\n\n", b"id: 1\n", b"da\n\n"])
def test_lines_that_say_nothing_are_not_taken_one_by_one(line: bytes) -> None:
    calls: list[str] = []
    stream, reader = b"event: a\n" + line * (3_000_000 // len(line)), Reader()
    before = sys.getprofile()
    sys.setprofile(lambda _, kind, __: calls.append(kind))
    try:
        found = list(reader.feed(stream))
    finally:
        sys.setprofile(before)

    assert found == []
    assert len(calls) < 100


PIECES = st.sampled_from([
    b"data: ", b"data:", b"data", b"event: ", b"event", b": c", b"\n", b"\r", b"\r\n", b"\n\n",
    b"a", b"\xef\xbb\xbf", "\u2028é".encode(), b" ", b"x" * 12, b"\x85", b"\x0b",
])  # fmt: skip


@given(st.lists(PIECES, max_size=30).map(b"".join), st.data())
@settings(max_examples=300)
def test_the_chunking_changes_nothing(stream: bytes, draw: st.DataObject) -> None:
    limit, sse.EVENT_LIMIT = sse.EVENT_LIMIT, 25
    try:
        cuts = sorted(draw.draw(st.lists(st.integers(0, len(stream)), max_size=6)))
        chunks = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
        whole = events(stream)

        assert events(*chunks) == whole
        assert events(*(bytes([b]) for b in stream)) == whole
    finally:
        sse.EVENT_LIMIT = limit


@given(st.lists(PIECES, max_size=30).map(b"".join))
@settings(max_examples=200)
def test_events_are_what_the_standards_algorithm_gives(stream: bytes) -> None:
    assert events(stream) == _reference(stream)


def _reference(stream: bytes) -> list[Event]:
    # WHATWG HTML 9.2.6, word for word and in one go.
    stream = stream.removeprefix(b"\xef\xbb\xbf")
    lines = stream.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")[:-1]
    found: list[Event] = []
    name, buffer = b"", b""
    for line in lines:
        if not line:
            if buffer:
                found.append(Event(name, buffer.removesuffix(b"\n")))
            name, buffer = b"", b""
        elif not line.startswith(b":"):
            field, _, value = line.partition(b":")
            value = value.removeprefix(b" ")
            if field == b"event":
                name = value
            elif field == b"data":
                buffer += value + b"\n"
    return found


LINES = [
    (b"event: a\ndata: 1\ndata:2\n\n", b"a", b"1\n2"),
    (b"data: 1\r\n: note\r\nevent: a\r\nevent: b\r\n\r\n", b"b", b"1"),
    (b"event: a\n" + b"event: " + b"x" * (NAME_LIMIT + 1) + b"\ndata\n\n", b"a", b""),
    (b"x" * 5000 + b"\ndataset: 1\n\n", b"", None),
    (b'data: {"usage": 7, "list": [1,\ndata: 2], "long": "%s"}\n\n' % (b"x" * 600), b"",
     b'{"usage": 7, "list": [], "long": ""}'),
]  # fmt: skip


@pytest.mark.parametrize(("stream", "name", "data"), LINES)
@given(st.lists(st.integers(0, 9999), max_size=8))
def test_in_any_pieces_an_event_has_its_name_and_its_data(
    stream: bytes, name: bytes, data: bytes | None, cuts: list[int]
) -> None:
    edges = sorted({0, len(stream), *(cut % len(stream) for cut in cuts)})
    kept = Oversize(500)
    for start, end in itertools.pairwise(edges):
        kept.feed(stream[start:end])

    assert kept.event() == (name, data)
