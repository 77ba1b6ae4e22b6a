import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distillgate.wire.event_frames import EventFrames, with_data
from distillgate.wire.sse import Event, Reader, read

PIECES = [b"data: {}", b"data:", b"event: x", b": note", b"id: 7", b"", b"\xef\xbb\xbf", b"x"]
ENDS = [b"\n", b"\r\n", b"\r"]
LINES = st.tuples(st.sampled_from(PIECES), st.sampled_from(ENDS)).map(b"".join)


def lines(text: bytes, *, comments: bool) -> list[bytes]:
    return [one for one in text.splitlines(keepends=True) if one.startswith(b":") == comments]


def events(frames: list[bytes]) -> list[Event]:
    return [event for event in map(read, frames) if event is not None]


def chunks(stream: bytes, cuts: list[int]) -> list[bytes]:
    at = sorted({0, len(stream), *(cut % (len(stream) + 1) for cut in cuts)})
    return [stream[a:b] for a, b in itertools.pairwise(at)]


@given(st.lists(LINES, max_size=12).map(b"".join), st.lists(st.integers(0, 999), max_size=6))
def test_no_byte_is_lost_and_the_chunking_changes_no_event(stream: bytes, cuts: list[int]) -> None:
    whole, cut = EventFrames(), EventFrames()
    expected = list(whole.feed(stream))
    found = [frame for chunk in chunks(stream, cuts) for frame in cut.feed(chunk)]

    assert events(found) == events(expected)
    joined = b"".join(found) + cut.rest()
    # A comment inside an event that had not ended came first; nothing else moved.
    assert lines(joined, comments=False) == lines(stream, comments=False)
    assert sorted(lines(joined, comments=True)) == sorted(lines(stream, comments=True))


@given(st.lists(LINES, max_size=12).map(b"".join))
def test_a_frame_holds_what_the_reader_of_events_reads(text: bytes) -> None:
    stream = text + b"\n\n"

    assert events(EventFrames().feed(stream)) == list(Reader().feed(stream))


@pytest.mark.parametrize("idle", [b"\n", b"\r\n", b"\r", b": ping\n", b":\r\n\r\n"])
def test_what_is_no_event_waits_for_none_and_costs_little(idle: bytes) -> None:
    cut = EventFrames()

    assert b"".join(cut.feed(idle * (3 << 20))) == idle * (3 << 20)
    assert list(cut.feed(idle)) == [idle]
    assert list(cut.feed(b"data: 1")) == []
    assert cut.rest() == b"data: 1"


@pytest.mark.parametrize("comment", [b": ping\n", b":\r\n"])
def test_a_comment_inside_an_event_waits_for_its_end_no_more_than_one_between_events(
    comment: bytes,
) -> None:
    cut = EventFrames()

    assert cut.feed(b"data: 0\n\nevent: a\n") == [b"data: 0\n\n"]
    assert cut.feed(comment) == [comment]
    assert cut.feed(b"data: 1\n" + comment + comment[:1]) == [comment]
    assert cut.feed(b"") == []
    assert cut.feed(comment[1:]) == [comment]
    assert cut.feed(b"data: 2\n" + comment + b"\n") == [
        b"event: a\ndata: 1\ndata: 2\n" + comment + b"\n"
    ]
    assert len(cut) == 0


def test_new_data_leaves_every_other_line() -> None:
    frame = b"id: 7\r\nevent: a\r\ndata: one\r\ndata: two\r\n: note\r\n\r\n"

    assert with_data(frame, b"three") == b"id: 7\r\nevent: a\r\ndata: three\r\n: note\r\n\r\n"
    assert with_data(frame, b"one\ntwo") == frame
    more = with_data(frame, b"1\n2\n3")
    assert more.count(b"data: ") == 3
    assert list(Reader().feed(more)) == [Event(b"a", b"1\n2\n3")]
    assert with_data(b"data:1", b"2") == b"data:2"
