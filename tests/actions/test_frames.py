import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distillgate.actions import frames
from distillgate.actions.frames import Frames
from distillgate.errors import WireError
from distillgate.wire.sse import Reader

PIECES = [b"data: {}", b"data:", b"event: x", b": note", b"id: 7", b"", b"\xef\xbb\xbf", b"x"]
ENDS = [b"\n", b"\r\n", b"\r"]
LINES = st.tuples(st.sampled_from(PIECES), st.sampled_from(ENDS)).map(b"".join)


def chunks(stream: bytes, cuts: list[int]) -> list[bytes]:
    at = sorted({0, len(stream), *(cut % (len(stream) + 1) for cut in cuts)})
    return [stream[a:b] for a, b in itertools.pairwise(at)]


@given(st.lists(LINES, max_size=12).map(b"".join), st.lists(st.integers(0, 999), max_size=6))
def test_no_byte_is_lost_and_the_chunking_changes_no_event(stream: bytes, cuts: list[int]) -> None:
    whole, cut = Frames(), Frames()
    expected = list(whole.feed(stream))
    found = [frame for chunk in chunks(stream, cuts) for frame in cut.feed(chunk)]

    assert [frames.data(frame) for frame in found if frames.data(frame)] == [
        frames.data(frame) for frame in expected if frames.data(frame)
    ]
    assert b"".join(found) + cut.rest() == b"".join(expected) + whole.rest() == stream


@given(st.lists(LINES, max_size=12).map(b"".join))
def test_a_frame_holds_what_the_reader_of_events_reads(lines: bytes) -> None:
    stream = lines.replace(b"\xef\xbb\xbf", b"") + b"\n\n"
    events = [(event.name, event.data) for event in Reader().feed(stream) if event.data]

    found = [(frames.name(frame), frames.data(frame)) for frame in Frames().feed(stream)]
    assert [event for event in found if event[1]] == events


@pytest.mark.parametrize("idle", [b"\n", b"\r\n", b"\r", b": ping\n", b":\r\n\r\n"])
def test_what_is_no_event_waits_for_none_and_costs_little(idle: bytes) -> None:
    cut = Frames()

    assert list(cut.feed(idle * (3 << 20))) == [idle * (3 << 20)]
    assert list(cut.feed(idle)) == [idle]
    assert list(cut.feed(b"data: 1")) == []
    assert cut.rest() == b"data: 1"


def test_new_data_leaves_every_other_line() -> None:
    frame = b"id: 7\r\nevent: a\r\ndata: one\r\ndata: two\r\n: note\r\n\r\n"

    assert frames.data(frame) == b"one\ntwo"
    new = frames.with_data(frame, b"three")
    assert new == b"id: 7\r\nevent: a\r\ndata: three\r\n: note\r\n\r\n"
    assert frames.with_data(frame, b"one\ntwo") == frame
    more = frames.with_data(frame, b"1\n2\n3")
    assert frames.data(more) == b"1\n2\n3"
    assert frames.with_data(b"data:1", b"2") == b"data:2"


def test_an_event_without_end_is_an_error_and_can_still_be_had() -> None:
    cut = Frames()
    assert list(cut.feed(b"x" * frames.FRAME_LIMIT)) == []
    with pytest.raises(WireError):
        list(cut.feed(b"x"))

    assert len(cut.rest()) == frames.FRAME_LIMIT + 1
