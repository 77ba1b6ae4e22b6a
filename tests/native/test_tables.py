"""The compiled passes over tables against the Python that they stand for, bit for bit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from distillgate.campaign.sketch_row import FEATURES, mix_text
from distillgate.campaign.template import note_sighted, read_shared
from distillgate.fingerprint.sketch import STYLE
from distillgate.native import passes

pytestmark = pytest.mark.skipif(
    passes is None, reason="no compiled passes: built without a compiler, or DISTILLGATE_NATIVE=off"
)

SEGMENTS = st.lists(st.integers(0, 2**64 - 1) | st.integers(0, 40), max_size=30)
OWNERS = st.integers(0, 2**32 - 1) | st.integers(0, 3)
FLOATS = st.floats(width=32, allow_nan=False, min_value=-40_000, max_value=40_000)


def tables() -> tuple[memoryview, memoryview]:
    return np.zeros(16, np.uint32).data, np.zeros(16, np.uint32).data


@given(st.lists(st.tuples(SEGMENTS, OWNERS), max_size=8))
def test_first_sightings(told: list[tuple[list[int], int]]) -> None:
    plain, compiled = tables(), tables()
    for segments, own in told:
        assert passes.shared(*compiled, segments, own) == read_shared(*plain, segments, own)
        note_sighted(*plain, segments, own)
        passes.sighted(*compiled, segments, own)
        assert compiled == plain


def test_a_segment_that_is_no_hash_is_refused_and_changes_nothing() -> None:
    found = tables()
    for segments in ([-1], [2**64], ["1"]):
        with pytest.raises((OverflowError, TypeError)):
            passes.sighted(*found, segments, 1)  # type: ignore[arg-type]
        with pytest.raises((OverflowError, TypeError)):
            passes.shared(*found, segments, 1)  # type: ignore[arg-type]
    assert found == tables()
    with pytest.raises(ValueError, match="power of two"):
        passes.sighted(np.zeros(12, np.uint32).data, np.zeros(12, np.uint32).data, [1], 1)
    with pytest.raises(ValueError, match="power of two"):
        passes.sighted(np.zeros(16, np.uint32).data, np.zeros(8, np.uint32).data, [1], 1)


Row = NDArray[np.float32]
ROWS = st.lists(FLOATS, min_size=FEATURES, max_size=FEATURES).map(lambda some: np.array(some, "f4"))
SEEDED = st.integers(0, 2**32 - 1).map(
    lambda seed: np.random.default_rng(seed).normal(0, 9000, FEATURES).astype(np.float32)
)


@given(st.lists(st.tuples(ROWS | SEEDED, st.integers(1, 1024)), max_size=12), st.integers(0, 2))
def test_texts_in_rows(texts: list[tuple[Row, int]], place: int) -> None:
    steps = np.linspace(1e-4, 1.0, STYLE, dtype=np.float32)
    plain, compiled = (
        (np.zeros(3 * FEATURES, np.int16), np.zeros(3 * STYLE, np.float16)) for _ in range(2)
    )
    for text, number in texts:
        bounded = np.clip(text, -32_000, 32_000)
        for add, (means, deviations) in ((mix_text, plain), (passes.add_text, compiled)):
            add(means.data, deviations.data, place, bounded, steps, 1 / number)
        assert [one.tobytes() for one in compiled] == [one.tobytes() for one in plain]


def test_every_deviation_is_read_and_rounded_as_numpy_does() -> None:
    every = np.arange(0x7C00, dtype=np.uint16)  # all that are finite and no less than nothing
    means, steps = np.zeros(FEATURES, np.int16), np.ones(STYLE, np.float32)
    text = np.zeros(FEATURES, np.float32)
    for weight in (1 / 2, 1 / 3, 1 / 1024):
        for at in range(0, len(every), STYLE):
            plain, compiled = (every[at : at + STYLE].view(np.float16).copy() for _ in range(2))
            mix_text(means.data, plain.data, 0, text, steps, weight)
            passes.add_text(means.data, compiled.data, 0, text, steps, weight)
            assert compiled.tobytes() == plain.tobytes()


def test_a_text_is_not_added_beyond_the_table() -> None:
    means, deviations = np.zeros(2 * FEATURES, np.int16), np.zeros(2 * STYLE, np.float16)
    steps, text = np.ones(STYLE, np.float32), np.ones(FEATURES, np.float32)
    for place in (-1, 2):
        with pytest.raises(ValueError, match="row of its size"):
            passes.add_text(means.data, deviations.data, place, text, steps, 1.0)
    with pytest.raises(ValueError, match="row of its size"):
        passes.add_text(means.data, deviations.data, 1, text[:-1], steps, 1.0)
    assert not means.any()
