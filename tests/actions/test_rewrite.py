from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.actions.conftest import CUTS, EVENTS, JSON, changed

from distillgate.actions.rewrite import WHOLE_LIMIT, rewriter
from distillgate.errors import WireError


class Marking:
    """Changes what asks for it, takes out, adds, and breaks on demand."""

    def __init__(self) -> None:
        self.left: list[Mapping[str, Any]] = []

    def whole(self, answer: dict[str, Any]) -> bool:
        if "break" in answer:
            raise ZeroDivisionError
        return self._mark(answer)

    def event(self, event: dict[str, Any]) -> Sequence[Mapping[str, Any]] | None:
        if "break" in event:
            raise ZeroDivisionError
        if "hold" in event:
            self.left.append({"type": "held"})
        if "drop" in event:
            return ()
        if "before" in event:
            return ({"type": "new"}, event)
        return (event,) if self._mark(event) else None

    def rest(self) -> Sequence[Mapping[str, Any]]:
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

    wanted = b'id: 7\r\nevent: x\r\ndata: {"mark":"seen"}\r\n: note\r\n\r\ndata: {}\n\n'
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
    found = rewriter(Marking(), status=200, content_type=EVENTS, encoding="")
    assert found is not None
    first = found.feed(b'data: {"mark":1}\n\ndata: {"mar', last=False)
    assert first == b'data: {"mark":"seen"}\n\n'
    with pytest.raises(ZeroDivisionError):
        found.feed(b'k":1}\n\ndata: {"break":1}\n\ndata: {"mark":1}\n\ndat', last=False)

    rest = found.rest()
    assert rest == b'data: {"mark":"seen"}\n\ndata: {"break":1}\n\ndata: {"mark":1}\n\ndat'


@pytest.mark.parametrize("body", [b'{"break":1}', b'{"mark":'])
def test_a_whole_answer_that_cannot_be_changed_is_not_lost(body: bytes) -> None:
    found = rewriter(Marking(), status=200, content_type=JSON, encoding="")
    assert found is not None
    found.feed(body[:5], last=False)
    with pytest.raises((WireError, ZeroDivisionError)):
        found.feed(body[5:], last=True)
    assert found.rest() == body


def test_a_whole_answer_is_held_up_to_a_bound() -> None:
    found = rewriter(Marking(), status=200, content_type=JSON, encoding="")
    assert found is not None
    assert found.feed(b"x" * WHOLE_LIMIT, last=False) == b""
    with pytest.raises(WireError):
        found.feed(b"x", last=False)
    assert len(found.rest()) == WHOLE_LIMIT + 1


@pytest.mark.parametrize(
    ("status", "kind"), [(400, JSON), (500, EVENTS), (200, "text/html"), (200, "")]
)
def test_errors_and_other_media_are_never_changed(status: int, kind: str) -> None:
    assert rewriter(Marking(), status=status, content_type=kind, encoding="") is None


def test_a_compressed_answer_is_an_error() -> None:
    with pytest.raises(WireError):
        rewriter(Marking(), status=200, content_type=JSON, encoding="br")
    assert rewriter(Marking(), status=200, content_type=JSON, encoding="identity") is not None
