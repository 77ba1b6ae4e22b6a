import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distillgate.fingerprint.seen import as_seen


@pytest.mark.parametrize("text", ["naïve café", "数学を教えて。全角の句読点", "🎉 приве́т", ""])
def test_other_scripts_are_left_as_they_are(text: str) -> None:
    assert as_seen(text) == text


@pytest.mark.parametrize("unseen", ["\u200b", "\xad", "\u2060", "\ufeff", "\ufe0f", "\U000e0041"])
@pytest.mark.parametrize("times", [1, 3000])
def test_what_nobody_sees_is_left_out_of_short_texts_and_of_long(unseen: str, times: int) -> None:
    assert as_seen(f"pro{unseen}of" * times) == "proof" * times


@given(st.text(st.characters(exclude_categories=()), max_size=60))
def test_a_long_text_is_seen_as_its_parts_are(text: str) -> None:
    assert as_seen(text * 80) == as_seen(as_seen(text) * 80)


def test_dressed_letters_are_read() -> None:
    assert as_seen("\U0001d40f\U0001d42b\uff4f\u24de\uff46") == "Proof"
    assert unicodedata.normalize("NFKC", "\uff4f") == "o"
