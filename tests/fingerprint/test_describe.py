"""A text is described by its sketch and its 3-grams, in one pass."""

from distillgate.fingerprint.describe import describe, described
from distillgate.fingerprint.grams import grams
from distillgate.fingerprint.sketch import pack, sketch
from distillgate.fingerprint.words import words

TEXT = b"Summarise the minutes of the meeting in one line, and name who spoke."


def test_a_text_is_described_by_its_sketch_and_its_grams() -> None:
    drawn = sketch(TEXT)
    assert drawn is not None
    assert describe(TEXT, 7) == described(TEXT, 7) == (pack(drawn), grams(words(TEXT), 7))


def test_a_text_without_words_has_no_sketch() -> None:
    assert describe(b" ... ", 7) == described(b" ... ", 7) == (None, b"")
