import json
import math
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from distillgate.errors import WireError
from distillgate.wire.document import read, read_request, write

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


def test_what_is_nested_too_deeply_to_write_is_an_error() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]

    with pytest.raises(WireError):
        write(deep)


@given(st.binary(max_size=200))
@settings(max_examples=300, deadline=None)
def test_arbitrary_bytes_are_a_document_or_an_error(body: bytes) -> None:
    try:
        found = read(body)
    except WireError:
        return
    write(found)


HALVES = st.sampled_from("\ud800\udbff\udc00\udfff\\u")


@given(st.text(HALVES | st.characters(codec="utf-8"), max_size=30))
@settings(deadline=None)
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
        assert read_request(body) == (values, False)
    assert read_request(twice).ambiguous
