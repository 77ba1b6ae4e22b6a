import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distillgate.errors import WireError
from distillgate.wire.bounds import INLINE, NARROW, WIDE, Bounds, check, occurrences

PADDING = b" " * (1 << 14)


def is_within(body: bytes, bounds: Bounds) -> bool:
    try:
        check(PADDING + body, bounds)
    except WireError as error:
        return error.reason != "complex"
    return True


@pytest.mark.parametrize("bounds", [INLINE, NARROW, WIDE])
@pytest.mark.parametrize("element", [b"[]", b"{}", b'{"a":[]}'])
def test_containers_are_counted_before_anything_is_parsed(bounds: Bounds, element: bytes) -> None:
    each = element.count(b"[") + element.count(b"{")
    fits = bounds.objects // each - 1

    assert is_within(b"[" + b",".join([element] * fits) + b"]", bounds)
    assert not is_within(b"[" + b",".join([element] * (fits + 1)) + b"]", bounds)


@pytest.mark.parametrize("element", [b"1", b'""', b'"a\\"b"', b"null"])
def test_elements_are_counted(element: bytes) -> None:
    at = b"[" + b",".join([element] * NARROW.elements) + b"]"

    assert is_within(at, NARROW)
    assert not is_within(at + b",1,1", NARROW)


def test_text_that_looks_like_json_is_text() -> None:
    quoted = json.dumps({"content": json.dumps([{"a": [1, 2]}] * 20_000)}).encode()

    assert quoted.count(b"{") > NARROW.objects
    assert is_within(quoted, NARROW)


@given(st.lists(st.text(alphabet='\\"[{,x', max_size=9), max_size=30))
def test_what_stands_in_strings_is_not_counted(texts: list[str]) -> None:
    body = json.dumps(texts).encode()

    assert is_within(body, Bounds(1, 30, 0))


@given(
    st.lists(st.sampled_from([b'"', rb"\u0022", b"[", b"x" * 9000, b"y" * 65_530])),
    st.sampled_from([b'"', rb"\u0022", b"["]),
)
def test_what_stands_anywhere_is_counted_once(pieces: list[bytes], what: bytes) -> None:
    body = b"".join(pieces)

    assert occurrences(body, what) == body.count(what)
