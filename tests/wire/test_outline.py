import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from distillgate.wire import outline
from distillgate.wire.outline import OUTLINE_LIMIT, STRING_LIMIT, Kept, Outline

TEXTS = st.one_of(
    st.text(st.sampled_from('a"\\[]{},: \n\u00e9'), max_size=12),
    st.sampled_from(["x" * STRING_LIMIT, '"' * STRING_LIMIT, "[" * 40, "]" * 40, "\\" * 41]),
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=25,
)


def of(*pieces: bytes) -> bytes:
    found = Outline()
    for piece in pieces:
        found.feed(piece)
    return found.document()


def pruned(value: Any) -> Any:
    """What the outline of a value means, found without its help."""
    if isinstance(value, list):
        return []
    if isinstance(value, str):
        return value if len(json.dumps(value)) <= STRING_LIMIT else ""
    if isinstance(value, dict):
        return {pruned(key): pruned(inner) for key, inner in value.items()}
    return value


@given(VALUES, st.sampled_from([None, 1]), st.booleans(), st.data())
@settings(max_examples=300)
def test_what_is_short_and_in_no_list_remains_however_it_comes(
    value: Any, indent: int | None, ascii_only: bool, draw: st.DataObject
) -> None:
    document = json.dumps(value, indent=indent, ensure_ascii=ascii_only).encode()
    cuts = sorted(draw.draw(st.lists(st.integers(0, len(document)), max_size=8)))
    pieces = [document[a:b] for a, b in zip([0, *cuts], [*cuts, len(document)], strict=True)]

    whole = of(document)

    if ascii_only:
        assert json.loads(whole) == pruned(value)
    assert of(*pieces) == whole
    assert of(*(bytes([b]) for b in document)) == whole


@given(st.lists(st.sampled_from([b'"', b"\\", b"[", b"]", b"a", b"{"]), max_size=60), st.data())
def test_no_bytes_make_it_raise_or_depend_on_their_pieces(
    parts: list[bytes], draw: st.DataObject
) -> None:
    whole = b"".join(parts)
    cut = draw.draw(st.integers(0, len(whole)))

    of(whole[:cut], whole[cut:])


def test_it_is_bounded() -> None:
    found = Outline()
    for number in range(100_000):
        found.feed(b'"key %d": "value",' % number)
        assert len(found._kept) <= OUTLINE_LIMIT + outline.STRING_LIMIT

    assert found.document() == b""


@pytest.mark.parametrize("body", [b'{"a": [1, 2', b'{"a": "x', b'{"a": ["\\'])
def test_a_document_that_breaks_off_is_no_document(body: bytes) -> None:
    with pytest.raises(json.JSONDecodeError):
        json.loads(of(body))


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_a_document_is_kept_whole_up_to_the_limit_and_in_outline_past_it(size: int) -> None:
    kept, short = Kept(60), b'{"usage": {"total_tokens": 3}, "list": [1, 2]}'
    long = b'{"usage": {"total_tokens": 3}, "list": [' + b"1, " * 20 + b"2]}"
    assert not kept

    for document, is_outline in ((short, False), (long, True), (short, False)):
        for at in range(0, len(document), size):
            kept.feed(document[at : at + size])
        assert kept
        assert kept.is_outline is is_outline
        assert kept.take() == (short.replace(b"1, 2", b"") if is_outline else document)
    assert not kept


def test_no_more_than_the_outline_is_kept_of_what_is_too_long() -> None:
    kept = Kept(1 << 10)
    for _ in range(200):
        kept.feed(b"x" * 1000)

    assert len(kept.take()) <= OUTLINE_LIMIT
