import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from distillgate.fingerprint.words import BYTES_LIMIT, window, words

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=400)
"""Lone surrogates included: a JSON escape can carry them."""

_WORD = re.compile(rb"[0-9A-Za-z\x80-\xff][0-9A-Za-z\x80-\xdf]*")


def read(text: str) -> bytes:
    return window(text.encode("utf-8", "surrogatepass"))


def hashes(text: str) -> list[int]:
    found: list[int] = words(read(text)).hashes.tolist()
    return found


def spelled(text: str) -> list[bytes]:
    raw = read(text)
    found = words(raw)
    return [raw[s : s + n] for s, n in zip(found.starts, found.lengths, strict=True)]


@given(st.text(max_size=400), st.from_regex(r"[a-z0-9]{1,20}", fullmatch=True))
def test_a_words_hash_does_not_depend_on_where_it_stands(before: str, word: str) -> None:
    assert hashes(f"{before} {word}")[-1:] == hashes(word)
    assert hashes(f"{word} {before}")[:1] == hashes(word)


@given(st.from_regex(r"[A-Za-z0-9]{1,30}", fullmatch=True))
def test_a_words_hash_does_not_depend_on_case(word: str) -> None:
    assert hashes(word.upper()) == hashes(word.lower()) == hashes(word)


def test_different_words_have_different_hashes() -> None:
    different = [f"{a}{b}{c}" for a in "bdfgklmn" for b in "aeiou" for c in range(100)]
    anagrams = ["listen", "silent", "enlist", "tinsel"]

    found = [hashes(word)[0] for word in different + anagrams]

    assert len(set(found)) == len(different) + len(anagrams)


def test_repeated_and_padded_letters_are_other_words() -> None:
    assert len({hashes("a" * n)[0] for n in range(1, 200)}) == 199


def test_scripts_without_spaces_have_words() -> None:
    assert len(hashes("今天天气")) == 4
    assert hashes("今天天气")[1] == hashes("天")[0]
    assert spelled("GPT模型 ok") == [b"GPT", "模".encode(), "型".encode(), b"ok"]


def test_letters_with_accents_stay_in_their_word() -> None:
    assert spelled("Das Café, über Nacht") == [b"Das", "Café".encode(), "über".encode(), b"Nacht"]


@pytest.mark.parametrize("text", ["", " ", "\n\t \r\n", "...!?", "\x00\x01", "-" * 9000])
def test_what_holds_no_words_has_none(text: str) -> None:
    assert hashes(text) == []


@given(ANY_TEXT)
def test_words_are_the_runs_of_word_bytes(text: str) -> None:
    assert spelled(text) == _WORD.findall(read(text))


@pytest.mark.parametrize("principal", [" ", "word ", "漢字", "\ud800", "é", "😀", "\x00"])
def test_ten_megabytes_are_read_in_part(principal: str) -> None:
    text = "first " + principal * (10_000_000 // len(principal)) + " last"

    data = read(text)

    assert len(data) <= BYTES_LIMIT
    assert hashes(text)[0] == hashes("first")[0]
    assert hashes(text)[-1] == hashes("last")[0]


def test_what_fits_is_read_whole() -> None:
    text = ("abc " * BYTES_LIMIT)[:BYTES_LIMIT]

    assert read(text) == text.encode()


def test_hashes_are_spread_over_all_their_bits() -> None:
    found = np.array([hashes(f"word{i}")[0] for i in range(4000)], np.uint64)

    for bit in range(64):
        share = float(((found >> np.uint64(bit)) & np.uint64(1)).mean())
        assert 0.45 < share < 0.55, bit
