import numpy as np
import pytest
from msgspec.structs import replace
from numpy.random import default_rng
from tests.campaign.test_elsewhere import summary

from distillgate.campaign.elsewhere import MOST_BYTES
from distillgate.campaign.repeats import Repeats
from distillgate.campaign.sketch_table import SketchTable
from distillgate.campaign.summary import ROWS
from distillgate.cells.letter import Seal
from distillgate.errors import StoreError

SEAL = Seal(b"a key")


def test_a_letter_says_what_was_written() -> None:
    told = summary("a")

    assert SEAL.open(SEAL.close(told)) == told


@pytest.mark.parametrize("place", [0, 31, 32, 60, -1])
def test_a_changed_letter_is_not_believed(place: int) -> None:
    letter = bytearray(SEAL.close(summary("a")))
    letter[place] ^= 1

    with pytest.raises(StoreError, match="not sealed"):
        SEAL.open(bytes(letter))


@pytest.mark.parametrize("letter", [b"", b"x" * 31, b"x" * 1000])
def test_what_is_no_letter_is_not_believed(letter: bytes) -> None:
    with pytest.raises(StoreError, match="not sealed"):
        SEAL.open(letter)


def test_another_operators_letter_is_not_believed() -> None:
    other = Seal(b"another key")

    assert other.check != SEAL.check
    with pytest.raises(StoreError, match="not sealed"):
        SEAL.open(other.close(summary("a")))


@pytest.mark.parametrize("copies", [2, 8, 24])
def test_a_letter_of_a_large_group_whose_texts_come_back_is_read(copies: int) -> None:
    dice, repeats, told = default_rng(1), Repeats.new(192), summary("a")
    for value in dice.integers(0, 2**64, 4000, np.uint64).tolist():
        for principal in dice.integers(0, 2**63, copies).tolist():
            repeats.add(value, principal, 500)
    group, rows = replace(told.told.group, repeats=repeats), bytes(ROWS * SketchTable.WIDTH)
    large = replace(told, told=replace(told.told, group=group, rows=rows, own=rows))

    assert SEAL.open(SEAL.close(large)) == large


def test_a_letter_that_is_too_large_is_not_read() -> None:
    told = summary("a")
    large = replace(told, told=replace(told.told, rows=b"x" * MOST_BYTES))

    with pytest.raises(StoreError, match="bytes"):
        SEAL.open(SEAL.close(large))
