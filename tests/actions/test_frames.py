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
def test_no_byte_is_lost_and_the_chunking_changes_nothing(stream: bytes, cuts: list[int]) -> None:
    whole, cut = Frames(), Frames()
    expected = list(whole.feed(stream))
    found = [frame for chunk in chunks(stream, cuts) for frame in cut.feed(chunk)]

    assert found == expected
    rest = whole.rest()
    assert cut.rest() == rest
    assert b"".join(expected) + rest == stream


@given(st.lists(LINES, max_size=12).map(b"".join))
def test_a_frame_holds_what_the_reader_of_events_reads(lines: bytes) -> None:
    stream = lines.replace(b"\xef\xbb\xbf", b"") + b"\n\n"
    events = [(event.name, event.data) for event in Reader().feed(stream) if event.data]

    found = [(frames.name(frame), frames.data(frame)) for frame in Frames().feed(stream)]
    assert [event for event in found if event[1]] == events


def test_new_data_leaves_every_other_line() -> None:
    frame = b"id: 7\r\nevent: a\r\ndata: one\r\ndata: two\r\n: note\r\n\r\n"

    assert frames.data(frame) == b"one\ntwo"
    new = frames.with_data(frame, b"three")
    assert new == b"id: 7\r\nevent: a\r\ndata: three\r\n: note\r\n\r\n"


def test_an_event_without_end_is_an_error_and_can_still_be_had() -> None:
    cut = Frames()
    assert list(cut.feed(b"x" * frames.FRAME_LIMIT)) == []
    with pytest.raises(WireError):
        list(cut.feed(b"x"))

    assert len(cut.rest()) == frames.FRAME_LIMIT + 1
