"""Words are looked for as a tokenizer by punctuation would see them."""

import pytest

from distillgate.fingerprint.lexicon import Lexicon, PlainLexicon, lexicon

WORDS = (b"step", b"by", b"10")


@pytest.mark.parametrize("known", [PlainLexicon(WORDS), lexicon(WORDS)], ids=["plain", "here"])
def test_words_are_found_whole_and_in_any_case(known: Lexicon) -> None:
    assert known.find(b"Think STEP-by-step.") == {b"step", b"by"}
    assert known.find(b"stepwise, 100") == set()
    assert known.find("schritt\u00e9step 10".encode()) == {b"step", b"10"}
    assert known.find(b"") == set()
