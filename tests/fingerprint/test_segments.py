import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distillgate.fingerprint.draw import PIECE
from distillgate.fingerprint.seen import as_seen
from distillgate.fingerprint.segments import (
    NOTHING,
    Cut,
    Known,
    SegmentSettings,
    cut,
    longer,
)

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=400)
MARKED_TEXT = st.text("ab \n\f\v\t\r.:!。ł中", max_size=40)
SETTINGS = SegmentSettings()


def spelled(found: Cut) -> list[bytes]:
    return [found.text[start:end] for start, end in found.spans]


def anchors(found: Cut) -> tuple[int, ...]:
    return found.hashes[len(found.spans) :]


def pieces(text: str, seed: int = 1) -> list[int]:
    return cut(text, SETTINGS, seed).longer(0)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Answer question 3 of the list", "Answer question 7 of the list"),
        ("Answer question 9 of the list", "Answer question 10 of the list"),
        ("The date is 2026-02-17 at noon", "The date is 2027-11-03 at noon"),
        ("Today is 3/1/2026, a working day", "Today is 12/11/2026, a working day"),
        ("Write   a  short\tsummary", "Write a short summary"),
        ("Write a short summary", "WRITE A SHORT SUMMARY"),
        ("You are a museum clerk.\nBe brief.", "You are a museum clerk. Be brief."),
    ],
)
def test_numbers_dates_spacing_and_case_do_not_make_a_text_new(one: str, other: str) -> None:
    assert pieces(one) == pieces(other) != []


def test_numbering_is_left_out_of_the_template() -> None:
    one, other = "1. Translate the text below", "12. Translate the text below"

    assert pieces(one) == pieces(other)


def test_other_instructions_have_other_hashes() -> None:
    assert pieces("Translate the text below") != pieces("Translate the texts below")


def test_hashes_are_keyed() -> None:
    text = "Translate the text below. Keep the names as they are."

    one, other = cut(text, SETTINGS, 1), cut(text, SETTINGS, 2)

    assert not set(one.hashes) & set(other.hashes)


def test_lines_and_sentences_are_pieces() -> None:
    text = "First instruction here\nSecond instruction here. Third instruction here? Yes"

    found = cut(text, SETTINGS, 1)

    assert spelled(found) == [
        b"First instruction here",
        b"Second instruction here.",
        b"Third instruction here?",
    ]
    assert found.without(lambda _: True) == b"Yes"


def test_the_ends_of_a_text_with_its_slot_inside_are_anchors() -> None:
    one = cut("Please write a detailed essay on frogs in the style of a newspaper", SETTINGS, 1)
    other = cut("Please write a detailed essay on tax in the style of a newspaper", SETTINGS, 1)

    assert one.hashes[0] != other.hashes[0]
    assert anchors(one) == anchors(other)
    assert len(anchors(one)) == 2


@pytest.mark.parametrize("text", ["", "hi", "a b c d e f g h i", "thanks, that works"])
def test_short_texts_have_no_anchors(text: str) -> None:
    assert anchors(cut(text, SETTINGS, 1)) == ()


def test_nothing_is_nothing() -> None:
    assert cut("", SETTINGS, 1) == NOTHING
    assert NOTHING.hashes == ()
    assert NOTHING.without(lambda _: True) == b""


def test_without_takes_the_template_out_and_leaves_the_rest() -> None:
    found = cut("Grade the answer below.\nThe mitochondria is a cell\nOK", SETTINGS, 1)
    template = {found.hashes[0]}

    assert found.without(template.__contains__) == b"The mitochondria is a cell\nOK"
    assert found.without(lambda _: True) == b"OK"


@given(ANY_TEXT)
def test_without_a_template_every_character_that_is_seen_is_left(text: str) -> None:
    found = cut(text, SETTINGS, 1).without(lambda _: False)

    assert found == as_seen(text).encode("utf-8", "surrogatepass").strip()


@given(ANY_TEXT, st.integers(0, 2**64 - 1))
def test_any_text_is_cut_within_bounds(text: str, seed: int) -> None:
    found = cut(text, SETTINGS, seed)

    assert len(found.spans) <= SETTINGS.drawn
    assert len(anchors(found)) in (0, 2) or found.marks
    assert all(0 <= value < 2**64 for value in found.hashes)
    assert found == cut(text, SETTINGS, seed)


@pytest.mark.parametrize(
    "unit", [" ", "\n", "a", "Sentence number one. ", "line\n", "漢。", "\ud800", "!?;: "]
)
def test_ten_megabytes_are_cut_within_bounds(unit: str) -> None:
    text = unit * (10_000_000 // len(unit))
    found = cut(text, SETTINGS, 1)

    assert len(found.spans) <= 4 * SETTINGS.drawn
    assert len(found.text) <= SETTINGS.drawn * (PIECE + 1)


def test_of_a_text_in_too_many_pieces_a_sample_is_drawn() -> None:
    lines = [
        f"Line {one}{two} says something of its own" for one in "abcdefgh" for two in "abcdefgh"
    ]
    found = cut("\n".join(lines), SETTINGS, 1)

    assert len(found.marks) == SETTINGS.drawn
    assert set(found.text.decode().split("\n")) < set(lines)
    assert found.text != cut("\n".join(lines), SETTINGS, 2).text


def test_what_a_principal_sent_before_is_not_drawn_again() -> None:
    document = "\n".join(
        f"Paragraph {one}{two} of the annual report, as filed."
        for one in "abcdefghi"
        for two in "abcdefghij"
    )
    first = cut(document, SETTINGS, 1, Known((), 7))
    sent = set(first.marks)
    while (again := cut(document, SETTINGS, 1, Known(sent, 7))).marks:
        sent |= set(again.marks)
    found = cut(
        f"{document[:2000]}\nWhat is a capybara?\n{document[2000:]}", SETTINGS, 1, Known(sent, 7)
    )

    assert b"What is a capybara?" in found.text
    assert len(found.text) < 300
    assert len(set(found.hashes) & set(first.hashes)) > SETTINGS.drawn // 2


def test_what_two_long_texts_share_is_drawn_of_both() -> None:
    shared = "\n".join(f"Rule {chr(97 + n)} of the house must be kept by all." for n in range(20))
    texts = [
        "\n".join(f"{word} number {n} went to the harbour." for n in range(40))
        for word in ("Barge", "Truck")
    ]
    one, other = (set(cut(f"{text}\n{shared}", SETTINGS, 1).hashes) for text in texts)

    assert len(one & other) >= 5


@given(text=MARKED_TEXT)
def test_pieces_end_where_one_plain_pattern_says(text: str) -> None:
    # The pattern says what a boundary is, and is slow: quadratic in a run of spaces.
    normal = cut(text, SETTINGS, 1).text.lower().replace(b"\t", b" ").replace(b"\r", b" ")
    plain = re.compile(rb"\s*\n\s*|(?<=[.!?:;]) +|(?<=\xe3\x80\x82)")
    spans = [*(match.span() for match in plain.finditer(normal)), (len(normal), len(normal))]
    starts = [0, *(following for _, following in spans)]
    settings = SegmentSettings(min_bytes=1)

    found = list(cut(text, settings, 1).spans)

    ends = [end for end, _ in spans]
    assert found == [(s, e) for s, e in zip(starts, ends, strict=False) if e > s]


@given(ANY_TEXT | MARKED_TEXT, st.integers(0, 60))
def test_longer_segments_are_the_same_without_the_others(text: str, size: int) -> None:
    assert list(longer(text, size, SETTINGS, 1)) == cut(text, SETTINGS, 1).longer(size)


@pytest.mark.parametrize(
    "written",
    [
        "Prove\u200b that it\u2060 is irra\xadtional.",
        "\ufeffProve that it is\U000e0041 irrational.",
        "Prove that \uff49\uff54 is irrational.",
        "\U0001d40f\U0001d42bove that it is irrational.",
    ],
)
def test_characters_that_nobody_sees_change_nothing(written: str) -> None:
    plain = "Prove that it is irrational."

    assert cut(written, SETTINGS, 7) == cut(plain, SETTINGS, 7)
