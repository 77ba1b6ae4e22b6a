"""The compiled passes against the Python that they stand for, bit for bit."""

import sys

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from distillgate.fingerprint.describe import described
from distillgate.fingerprint.draw import MOST, read_drawn
from distillgate.fingerprint.intents import TELLING
from distillgate.fingerprint.lexicon import PlainLexicon
from distillgate.fingerprint.segments import read_hashes, read_segments
from distillgate.fingerprint.sketch import CLASSES, GRAMMAR_HASHES, STEPS, WEIGHTS
from distillgate.fingerprint.words import BYTES_LIMIT, TABLE, window
from distillgate.native import passes

pytestmark = pytest.mark.skipif(
    passes is None, reason="no compiled passes: built without a compiler, or DISTILLGATE_NATIVE=off"
)

_TOLD = (
    "\n", "\n\n", " \n ", ". ", ".\n", "! ", "?\t", ": ", ";\r\n", "。", "。 ", "\x82", "。\n",
    "\r", "\t", "  ", "      ", "\x0b", "\x0c", "\xa0", "\x85", "\u2028", "0", "00", "1234", "07",
    "e\u0301\u0301", "\u200b", "\ud800", "\udfff", "\U0010ffff", "\x00", "\x7f", "模型", "ÀÉ",
    "THE", "of", "step by step", "Answer:", "a longer piece of a sentence", "x" * 200,
    "rate the response", "'\"`", "([{<>}])",
)  # fmt: skip
ANY = st.text(st.characters(exclude_categories=()), max_size=80)
TEXTS = st.one_of(
    st.lists(st.one_of(st.sampled_from(_TOLD), ANY), max_size=60).map("".join),
    st.tuples(st.one_of(st.sampled_from(_TOLD), ANY), st.integers(1, 3000)).map(
        lambda pair: (pair[0] * pair[1])[:12_000]
    ),
).map(lambda text: text.encode("utf-8", "surrogatepass"))
BYTES = st.one_of(TEXTS, st.binary(max_size=3000), st.lists(TEXTS, max_size=5).map(b"".join))
"""Texts, and what is none: a window cuts characters in two."""
SEEDS = st.integers(0, 2**64 - 1)
SIZES = st.integers(1, 40)


@given(BYTES, SEEDS, SIZES, st.integers(1, 140), st.integers(0, 6))
@example(b"\xe3\x80\x82" * 40, 0, 12, 33, 4)
@example(b"\x82 \x80\x82 \xe3\x80\x82", 1, 1, 9, 4)
@example(b"a b c d " + b"0" * 255 + b" e f g h", 1, 1, 9, 4)
def test_segments_and_anchors(
    raw: bytes, seed: int, shortest: int, most: int, anchor_words: int
) -> None:
    assert passes.segments(raw, seed, shortest, most, anchor_words) == read_segments(
        raw, seed, shortest, most, anchor_words
    )


@given(st.lists(BYTES, max_size=8), SEEDS)
def test_hashes_of_pieces(pieces: list[bytes], seed: int) -> None:
    assert passes.hashes(pieces, seed) == read_hashes(pieces, seed)


@given(st.lists(BYTES, min_size=1, max_size=8).map(b"".join).filter(len), SEEDS, st.integers(1, 80))
@example(b"\n" * 5000, 0, 64)
@example(b"The same line again.\n" * 3000, 7, MOST)
@example(b" " * 400, 7, 3)
def test_pieces_drawn_of_a_long_text(text: bytes, seed: int, most: int) -> None:
    assert passes.drawn(text, seed, most) == read_drawn(text, seed, most)


@given(BYTES.map(window), SEEDS)
@example(window("模".encode() * 1000), 5)
@example(b"a " * (BYTES_LIMIT // 2), 5)
@example(b"the of to and a in is i you it that for on with as be are this my your", 5)
def test_sketch_and_3_grams(text: bytes, key: int) -> None:
    tables = (TABLE, WEIGHTS, GRAMMAR_HASHES, STEPS)
    table, weights, grammar, steps = (np.ascontiguousarray(t).tobytes() for t in tables)

    found = passes.describe(table, CLASSES, weights, grammar, steps, text, key)

    assert found == described(text, key)


@given(BYTES, st.lists(st.sampled_from(TELLING), max_size=40))
@example(b"STEP by-step", [])
@example(b"x" * 31 + b" " + b"x" * 33, [b"x" * 31])
def test_telling_words(text: bytes, words: list[bytes]) -> None:
    text += b" ".join(word.title() for word in words)
    for known in (tuple(TELLING), tuple(words), ()):
        assert passes.Lexicon(known).find(text) == PlainLexicon(known).find(text)


def test_what_is_no_text_is_refused() -> None:
    with pytest.raises(TypeError):
        passes.segments("text", 1, 12, 33, 4)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        passes.hashes([b"piece", "piece"], 1)  # type: ignore[list-item]
    with pytest.raises(ValueError, match="at least one byte"):
        passes.segments(b"text", 1, 0, 33, 4)
    with pytest.raises(ValueError, match="another size"):
        passes.describe(b"", CLASSES, b"", b"", b"", b"text", 1)
    with pytest.raises(ValueError, match="too many"):
        passes.Lexicon(tuple(b"%d" % n for n in range(1000)))
    with pytest.raises(TypeError):
        passes.Lexicon(("word",))  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        passes.Lexicon((b"word",)).find("word")  # type: ignore[arg-type]


def test_nothing_is_kept_alive() -> None:
    word = b"".join([b"telling", b"word"])
    before = sys.getrefcount(word)
    for _ in range(100):
        assert passes.Lexicon((word,)).find(b"a tellingword") == {word}
    assert sys.getrefcount(word) == before
