import itertools

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.actions.conftest import CUTS

from distillgate.errors import WireError
from distillgate.wire.shorten import PARTS_LIMIT, ReasoningSettings, Shortener

NONE, SOME = ReasoningSettings(), ReasoningSettings(keep=7)


def visible(text: str, settings: ReasoningSettings = NONE) -> str:
    return Shortener(settings).visible(text)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("<think>step one</think>The sea.", "The sea."),
        ("\n <THINK>step</Think>\n\n The sea.", "The sea."),
        ("<think>a</think> <scratchpad>b</scratchpad>\nThe sea.", "The sea."),
        ("<think></think>The sea.", "The sea."),
        ("<think>cut off", ""),
        ("<think>a</think>", ""),
        ("<think>İ ﬁ</think>The sea.", "The sea."),
        ("<reasoning>a < b, <b>c</b></reasoning>x", "x"),
    ],
)
def test_reasoning_that_an_answer_begins_with_goes(text: str, left: str) -> None:
    assert visible(text) == left


@pytest.mark.parametrize(
    "text",
    [
        "",
        "The sea.",
        "  The sea.",
        "The <think> tag opens, </think> closes.",
        "`<think>` is a tag.",
        "<b>The</b> sea",
        "<thinker>The sea</thinker>",
        "<thi",
        "  <",
        '{"think": "<think>a</think>"}',
        " " * 80 + "<think>a</think>",
    ],
)
@pytest.mark.parametrize("settings", [NONE, SOME])
def test_everything_else_stays_as_it_is(text: str, settings: ReasoningSettings) -> None:
    assert visible(text, settings) == text


def test_some_of_it_may_stay() -> None:
    text = "\n<think>one two three</think>\n<think>four</think>\nThe sea."

    assert visible(text, SOME) == "\n<think>one two</think>\n<think></think>\nThe sea."


TEXTS = st.lists(
    st.sampled_from(
        ["<think>", "</think>", "<", "</", "think>", "<Thinking>", " ", "\n", "ab", "İK", " " * 40]
    ),
    max_size=9,
).map("".join)


@given(TEXTS, CUTS, st.sampled_from([NONE, SOME]))
@example(" " * 80 + "<think>a</think>b", [3, 66], NONE)
@example("<think>a</think>" + " " * 80 + "b", [16 + 66], NONE)
def test_pieces_give_what_the_whole_gives(
    text: str, cuts: list[int], settings: ReasoningSettings
) -> None:
    at = sorted({0, len(text), *(where % (len(text) + 1) for where in cuts)})
    shortener = Shortener(settings)
    pieces = [shortener.visible_piece(0, text[a:b]) for a, b in itertools.pairwise(at)]

    assert "".join(pieces) + shortener.held(0) == visible(text, settings)
    assert shortener.held(0) == ""


@given(st.text(max_size=20), CUTS)
def test_a_part_is_shortened_to_the_same_length(text: str, cuts: list[int]) -> None:
    at = sorted({0, len(text), *(where % (len(text) + 1) for where in cuts)})
    shortener = Shortener(SOME)
    pieces = [shortener.piece("a", text[a:b]) for a, b in itertools.pairwise(at)]

    assert "".join(pieces) == shortener.whole(text) == text[:7]


def test_parts_are_bounded() -> None:
    shortener = Shortener(NONE)
    for part in range(PARTS_LIMIT):
        shortener.piece(part, "x")
        shortener.visible_piece(part, "x")

    with pytest.raises(WireError):
        shortener.piece(PARTS_LIMIT, "x")
    with pytest.raises(WireError):
        shortener.visible_piece(PARTS_LIMIT, "x")


def test_any_number_of_tags_goes_in_one_pass() -> None:
    assert visible("<think></think>" * (1 << 17) + "The sea.") == "The sea."
