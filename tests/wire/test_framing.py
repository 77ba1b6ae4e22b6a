import json
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from distillgate.wire.framing import Elements, Frames, Lines
from distillgate.wire.sse import EVENT_LIMIT

VALUES = st.recursive(
    st.none() | st.integers() | st.text(st.sampled_from('ab"\\\\[]{},:\n\u00e9')),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)
OBJECTS = st.lists(st.dictionaries(st.text(max_size=3), VALUES, max_size=3), max_size=4)
CUTS = st.lists(st.integers(0, 400), max_size=12)


def cut(frames: Frames, body: bytes, cuts: list[int]) -> list[Any]:
    edges = [0, *sorted(at for at in cuts if at < len(body)), len(body)]
    pieces = (body[a:b] for a, b in pairwise(edges))
    data = [event.data for piece in pieces for event in frames.feed(piece)]
    data += [event.data for event in frames.end()]
    return [json.loads(one) for one in data]


@given(OBJECTS, CUTS, st.sampled_from([None, 1]))
def test_the_objects_of_an_array_come_as_they_are_whole(
    objects: list[Any], cuts: list[int], indent: int | None
) -> None:
    body = json.dumps(objects, indent=indent).encode()

    assert cut(Elements(), body, cuts) == objects


@given(OBJECTS, CUTS, st.booleans())
def test_lines_come_as_they_end_and_the_last_needs_no_end(
    objects: list[Any], cuts: list[int], ended: bool
) -> None:
    body = "\r\n".join(json.dumps(one) for one in objects).encode() + b"\n" * ended

    assert cut(Lines(), body, cuts) == objects


def test_an_object_that_stands_in_no_array_is_one_too() -> None:
    assert cut(Elements(), b'{"a": [{}]}', [3, 9]) == [{"a": [{}]}]


def test_an_object_that_has_not_ended_is_none() -> None:
    assert cut(Elements(), b'[{"a": 1}, {"b": ', []) == [{"a": 1}]


def test_of_a_piece_over_the_limit_the_outline_is_known() -> None:
    long = {"text": "x" * EVENT_LIMIT, "usage": {"tokens": 7}, "parts": [1] * 10}
    cuts = list(range(0, EVENT_LIMIT, 5000))

    for frames, body in (
        (Lines(), json.dumps(long).encode()),
        (Elements(), json.dumps([long, {"a": 1}]).encode()),
    ):
        found = cut(frames, body, cuts)
        assert found[0] == {"text": "", "usage": {"tokens": 7}, "parts": []}
        assert len(found) == 1 or found[1] == {"a": 1}
