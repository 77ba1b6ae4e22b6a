import json
import math
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from distillgate.errors import WireError
from distillgate.wire import lenient
from distillgate.wire.document import Document, read, read_request, write

FACE = "\N{GRINNING FACE}"
DOCUMENT = {"model": "m", "text": f"naïve {FACE} \u2028"}
TEXT = json.dumps(DOCUMENT, ensure_ascii=False)


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"],
)
def test_every_encoding_the_standard_library_takes_is_read(encoding: str) -> None:
    assert read(TEXT.encode(encoding)) == DOCUMENT


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (rb'["\ud800"]', "\ufffd"),
        (rb'["\uDC00 x"]', "\ufffd x"),
        (rb'["\ud83d\ude00"]', FACE),
        (rb'["\ud83d\ude00\ud83d"]', FACE + "\ufffd"),
        (rb'["\ud83d\ud83d\ude00"]', "\ufffd" + FACE),
        (rb'["\\ud800", "\ud800"]', "\\ud800"),
        (rb'["\\\ud800"]', "\\\ufffd"),
        (rb'["\\ud83d\ude00"]', "\\ud83d\ufffd"),
        (b'["\xed\xa0\x80"]', "\ufffd"),
        (b'["\xed\xa0\xbd\xed\xb8\x80"]', FACE),
    ],
)
def test_half_a_surrogate_pair_is_replaced_and_the_rest_stays(body: bytes, text: str) -> None:
    found = read(body)[0]

    assert found == text
    found.encode()


def test_numbers_that_only_lax_parsers_take_are_read() -> None:
    found = read(b'{"a": NaN, "b": -Infinity, "c": 1e999, "d": 1}')

    assert math.isnan(found["a"])
    assert found["b"] == -math.inf
    assert found["c"] == math.inf
    assert found["d"] == 1


def test_what_go_and_node_read_is_read() -> None:
    deep = b'{"x":' + b"[" * 2_000 + b"]" * 2_000 + b',"a":"b"}'

    assert read(deep)["a"] == "b"
    assert read(b'{"n":' + b"9" * 5_000 + b',"a":"b"}')["a"] == "b"
    assert read(b'{"a":"x\xffy"}') == {"a": "x\ufffdy"}
    assert read(b'{"a":"x\ny"}') == {"a": "x\ny"}


def test_what_follows_the_document_is_ignored_as_gos_decoder_does() -> None:
    assert read(b' {"model": "m"} trailing') == {"model": "m"}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" \n" * 50_000,
        b"\xef\xbb\xbf",
        b'{"a": "b',
        b'{"a": 1,',
        b"\x00\x00\x00\x00",
        b"\xff\xfe{",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"not json",
    ],
)
def test_what_no_upstream_reads_is_an_error(body: bytes) -> None:
    with pytest.raises(WireError):
        read(body)


def test_what_was_read_can_be_written() -> None:
    document = {"n": 2**80, "s": "é", "x": [1.5, None, True]}

    assert orjson.loads(write({"s": "é"})) == {"s": "é"}
    assert json.loads(write(document)) == document
    assert read(write(read(b'{"a": NaN}'))) == {"a": None}


@pytest.mark.parametrize("depth", [200, 253, 254, 255, 900, 1_000, 1_020, 2_000, 50_000])
@pytest.mark.parametrize(
    ("opening", "closing"), [(b"[", b"]"), (b'{"a":', b"}"), (b'[1,{"a":', b"},[]]")]
)
def test_what_can_be_read_can_be_written_at_any_depth(
    depth: int, opening: bytes, closing: bytes
) -> None:
    body = opening * depth + b"1" + closing * depth

    assert write(read(body)) == body


def test_what_is_no_json_cannot_be_written() -> None:
    for value in ({"a": {1, 2}}, b"bytes"):
        with pytest.raises(WireError):
            write(value)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(VALUES)
def test_both_writers_write_the_same(value: Any) -> None:
    assert b"".join(lenient.write(value)) == orjson.dumps(value)


SPELT = st.sampled_from('"\\u0025c:{},[]aéA \n')
KEYS = st.text(SPELT, max_size=2) | st.sampled_from(["model", "messages", "content"])


def spell(draw: st.DataObject, text: str) -> str:
    """Write a string, each character as it is, escaped, or escaped by its number."""
    short = {'"': '\\"', "\\": "\\\\", "\n": "\\n"}
    spellings = (f"\\u{ord(c):04x}" if draw.draw(st.booleans()) else short.get(c, c) for c in text)
    return f'"{"".join(spellings)}"'


@given(st.lists(st.tuples(KEYS, st.text(SPELT, max_size=8)), max_size=5), st.data())
@settings(max_examples=500)
def test_a_repeated_key_is_found_in_any_spelling(
    pairs: list[tuple[str, str]], data: st.DataObject
) -> None:
    blank = st.sampled_from(["", "", " ", "\n"])
    members = (
        f"{data.draw(blank)}{spell(data, key)}{data.draw(blank)}:{spell(data, value)}"
        for key, value in pairs
    )
    first: dict[str, str] = {}
    differ = any(first.setdefault(key, value) != value for key, value in pairs)

    found = read_request(f"{{{','.join(members)}}}".encode())

    assert found.ambiguous == differ
    assert differ or found.value == dict(pairs)


@given(st.binary(max_size=200))
@settings(max_examples=300)
def test_arbitrary_bytes_are_a_document_or_an_error(body: bytes) -> None:
    try:
        found = read(body)
    except WireError:
        return
    write(found)


HALVES = st.sampled_from("\ud800\udbff\udc00\udfff\\u")


@given(st.text(HALVES | st.characters(codec="utf-8"), max_size=30))
def test_any_text_reads_the_same_from_both_spellings(text: str) -> None:
    escaped = json.dumps([text]).encode()
    raw = json.dumps([text], ensure_ascii=False).encode("utf-8", "surrogatepass")

    assert read(escaped) == read(raw)


@pytest.mark.parametrize("size", [10, (1 << 18) - 7, 1 << 18, 3 << 18])
@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": "), (" ,\n", "\t:\r\n")])
def test_white_space_of_any_length_is_told_from_a_repeated_key(
    size: int, separators: tuple[str, str]
) -> None:
    text = "a word, " * (size // 8)
    values = {"model": "m", "messages": [{"role": "user", "content": text}], "n": 1}
    plain = json.dumps(values, separators=separators).encode()
    gap = plain.replace(b'"n"', b" " * size + b'"n"')
    twice = plain[:-1] + b',"messages":[]}'

    for body in (plain, gap, gap + b"\n" * size):
        assert read_request(body) == Document(values)
    assert read_request(twice).ambiguous


def test_wrong_bytes_are_mended_up_to_a_megabyte() -> None:
    wrong = b'{"a":"' + b"\xed\xa0\x80" * 300_000 + b'"}'
    assert read_request(wrong).value == {"a": "\ufffd" * 300_000}

    with pytest.raises(WireError) as caught:
        read_request(wrong.replace(b"}", b" " * (1 << 20) + b"}"))
    assert caught.value.reason == "complex"
