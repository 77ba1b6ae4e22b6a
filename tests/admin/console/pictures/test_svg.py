"""The parts of pictures: scales, ticks, and text that cannot become markup."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

pytest.importorskip("markupsafe")

from distillgate.admin.console.pictures.svg import (
    label,
    linear,
    picture,
    rectangle,
    short,
    steps,
    symmetric,
    time_ticks,
    value_ticks,
)

DAY = 86_400.0


def test_text_in_a_picture_is_text() -> None:
    nasty = '<script>"&\u202e'
    drawn = picture(10, 10, [label(1, 2, nasty), rectangle(0, 0, 1, 1, "x", nasty)], nasty, "k")

    tree = ElementTree.fromstring(drawn)
    assert tree.attrib["aria-label"].startswith('<script>"&')
    [text, shape] = list(tree)
    assert text.text == '<script>"&\\u202e'
    assert shape[0].text == '<script>"&\\u202e'


def test_scales_meet_their_ends_and_a_symmetric_one_keeps_the_order() -> None:
    assert [linear(2, 4, 10, 20)(v) for v in (2, 3, 4)] == [10, 15, 20]
    assert linear(3, 3, 0, 10)(3) == 0
    scale = symmetric(-0.02, 1.0, 100, 0, 0.01)
    places = [scale(value) for value in (-0.02, -0.001, 0, 0.001, 0.1, 1.0)]
    assert places == sorted(places, reverse=True)
    assert (places[0], places[-1]) == pytest.approx((100, 0))


def test_ticks_are_round_and_few() -> None:
    assert value_ticks(2400) == [0, 1000, 2000]
    assert value_ticks(0.4) == pytest.approx([0, 0.1, 0.2, 0.3, 0.4])
    assert value_ticks(0) == [0]
    for span in (600.0, 3 * 3600.0, 2 * DAY, 14 * DAY, 400 * DAY):
        found = time_ticks(1_771_286_400.0, 1_771_286_400.0 + span)
        assert all(at % 300 == 0 for at, _ in found)
        assert len(found) <= 7 or span > 49 * DAY
    assert time_ticks(0.0, 2 * DAY)[0] == (0.0, "01 Jan")


@pytest.mark.parametrize(
    ("value", "words"), [(0, "0"), (7, "7"), (1234, "1,234"), (12_345, "12.3k"), (2.5e6, "2.5M")]
)
def test_numbers_are_written_short(value: float, words: str) -> None:
    assert short(value) == words


def test_a_staircase_goes_up_and_down_and_closes() -> None:
    assert steps([0, 1, 2], [5, 3], 9, "k") == '<path class="k" d="M0.0 9.0V5.0H1.0V3.0H2.0V9.0Z"/>'
