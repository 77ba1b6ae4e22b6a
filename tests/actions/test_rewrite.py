from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.actions.conftest import CUTS, EVENTS, JSON, changed

from distillgate.actions.rewrite import FRAME_LIMIT, WHOLE_LIMIT, rewriter
from distillgate.errors import WireError
from distillgate.wire.event import Event


class Marking:
    """Changes what asks for it, takes out, adds, and breaks on demand."""

    def __init__(self) -> None:
        self.left: list[Event] = []

    def whole(self, answer: dict[str, Any]) -> bool:
        if "break" in answer:
            raise ZeroDivisionError
        return self._mark(answer)

    def event(self, event: Event) -> Sequence[Event] | None:
        if "break" in event.document:
            raise ZeroDivisionError
        if "hold" in event.document:
            self.left.append(Event.of({"type": "held"}))
        if "drop" in event.document:
            return ()
        if "before" in event.document:
            return (Event.of({"type": "new"}), event)
        return (event,) if self._mark(event.document) else None

    def rest(self) -> Sequence[Event]:
        left, self.left = self.left, []
        return left

    @staticmethod
    def _mark(document: dict[str, Any]) -> bool:
        if "mark" not in document:
            return False
        document["mark"] = "seen"
        return True


def test_what_is_not_changed_keeps_every_byte() -> None:
    first = b': hi\r\n\r\nevent: ping\r\ndata: { "a" : 1.0e5 }\r\n\r\n'
    body = first + b"data: no json\n\ndata: [1]\n\nid: 4"

    assert changed(Marking(), body, stream=True) == body
    assert changed(Marking(), b' { "a" : 1.0e5 } ', stream=False) == b' { "a" : 1.0e5 } '
    assert changed(Marking(), b"[1 , 2]", stream=False) == b"[1 , 2]"
    assert changed(Marking(), b"", stream=False) == b""


def test_only_the_data_of_a_changed_event_changes() -> None:
    body = b'id: 7\r\nevent: x\r\ndata: {"mark":\r\ndata: 1}\r\n: note\r\n\r\ndata: {}\n\n'

    wanted = b'id: 7\r\nevent: x\r\ndata: {"mark":\r\ndata: "seen"}\r\n: note\r\n\r\ndata: {}\n\n'
    assert changed(Marking(), body, stream=True) == wanted


def test_events_are_named_where_the_stream_names_them() -> None:
    named = b'event: x\ndata: {"before":1}\n\n'

    assert changed(Marking(), named, stream=True) == b'event: new\ndata: {"type":"new"}\n\n' + named
    plain = b'data: {"before":1}\n\n'
    assert changed(Marking(), plain, stream=True) == b'data: {"type":"new"}\n\n' + plain
    assert changed(Marking(), b'data: {"drop":1}\n\n', stream=True) == b""


@pytest.mark.parametrize("end", [b"", b"data: [DONE]\n\n"])
def test_what_is_held_comes_before_the_end(end: bytes) -> None:
    body = b'data: {"hold":1}\n\n'

    assert changed(Marking(), body + end, stream=True) == body + b'data: {"type":"held"}\n\n' + end


def test_an_event_that_the_end_cuts_off_is_changed_too() -> None:
    assert changed(Marking(), b'data: {"mark":1}', stream=True) == b'data: {"mark":"seen"}'


PARTS = [
    b'data: {"mark":1}\n\n',
    b'event: x\r\ndata: {"before":2}\r\n\r\n',
    b'data: {"drop":1}\n\n',
    b'data: {"other": "\xe2\x80\xa8"}\n\n',
    b": ping\n\n",
    b'data: {"hold":1}\n\n',
    b"data: [DONE]\n\n",
    b"data: {",
]


@given(st.lists(st.sampled_from(PARTS), max_size=8).map(b"".join), CUTS)
def test_the_chunking_changes_nothing(body: bytes, cuts: list[int]) -> None:
    assert changed(Marking(), body, cuts, stream=True) == changed(Marking(), body, stream=True)


def test_after_an_error_nothing_is_lost() -> None:
    found = rewriter(Marking(), status=200, content_type=EVENTS)
    assert found is not None
    first = found.feed(b'data: {"mark":1}\n\ndata: {"mar', last=False)
    assert first == b'data: {"mark":"seen"}\n\n'
    with pytest.raises(ZeroDivisionError):
        found.feed(b'k":1}\n\ndata: {"break":1}\n\ndata: {"mark":1}\n\ndat', last=False)

    rest = found.rest()
    assert rest == b'data: {"mark":"seen"}\n\ndata: {"break":1}\n\ndata: {"mark":1}\n\ndat'


@pytest.mark.parametrize("body", [b'{"break":1}', b'{"mark":'])
def test_a_whole_answer_that_cannot_be_changed_is_not_lost(body: bytes) -> None:
    found = rewriter(Marking(), status=200, content_type=JSON)
    assert found is not None
    found.feed(body[:5], last=False)
    with pytest.raises((WireError, ZeroDivisionError)):
        found.feed(body[5:], last=True)
    assert found.rest() == body


def test_a_whole_answer_is_held_up_to_a_bound() -> None:
    found = rewriter(Marking(), status=200, content_type=JSON)
    assert found is not None
    assert found.feed(b"x" * WHOLE_LIMIT, last=False) == b""
    with pytest.raises(WireError):
        found.feed(b"x", last=False)
    assert len(found.rest()) == WHOLE_LIMIT + 1


def test_an_event_is_held_up_to_a_bound() -> None:
    found = rewriter(Marking(), status=200, content_type="text/event-stream")
    assert found is not None
    start = b"data: 1\n\ndata: "

    assert found.feed(start, last=False) == start[:9]
    assert found.feed(b"x" * (FRAME_LIMIT - 6), last=False) == b""
    with pytest.raises(WireError):
        found.feed(b"xy", last=False)
    assert len(found.rest()) == FRAME_LIMIT + 2


@pytest.mark.parametrize(
    ("status", "kind"), [(400, JSON), (500, EVENTS), (200, "text/html"), (200, "")]
)
def test_errors_and_other_media_are_never_changed(status: int, kind: str) -> None:
    assert rewriter(Marking(), status=status, content_type=kind) is None


def test_white_space_before_a_whole_answer_passes_at_once() -> None:
    found = rewriter(Marking(), status=200, content_type=JSON)
    assert found is not None

    assert found.feed(b"\n\n", last=False) == b"\n\n"
    assert found.feed(b"", last=False) == b""
    assert found.feed(b" \r\n\t{", last=False) == b" \r\n\t"
    assert found.feed(b'\n"mark" : 1, "a": 1e400}\n', last=False) == b""
    assert found.feed(b"", last=True) == b'{\n"mark" : "seen", "a": 1e400}\n'
    assert found.changed


@pytest.mark.parametrize("idle", [b": ping\n", b"\n", b": a\r\n: b\r\n", b"\r", b":\r"])
def test_what_keeps_a_stream_alive_passes_at_once(idle: bytes) -> None:
    found = rewriter(Marking(), status=200, content_type=EVENTS)
    assert found is not None

    assert found.feed(idle, last=False) == idle
    assert found.feed(b'data: {"mark":1}\n\n' + idle, last=False) == (
        b'data: {"mark":"seen"}\n\n' + idle
    )


NUMBERS = b'"a":115792089237316195423570985008687907853269984665640564039457584007913129639936'


def test_a_changed_answer_keeps_every_number_and_every_spelling() -> None:
    before = (
        b"{ " + NUMBERS + b', "mark" :1,"x":[1e400,1.0000000000000000000000000000000000000001],'
    )
    after = b'"x":{"\\u0061":1,"a":2}}'

    wanted = (before + after).replace(b'"mark" :1', b'"mark" :"seen"')
    assert changed(Marking(), before + after, stream=False) == wanted
    event = b"data:" + before + after + b"\n\n"
    assert changed(Marking(), event, stream=True) == b"data:" + wanted + b"\n\n"
