"""The compiled passes over tables against the Python that they stand for, bit for bit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from distillgate.campaign.template import note_sighted, read_shared
from distillgate.native import passes

pytestmark = pytest.mark.skipif(
    passes is None, reason="no compiled passes: built without a compiler, or DISTILLGATE_NATIVE=off"
)

SEGMENTS = st.lists(st.integers(0, 2**64 - 1) | st.integers(0, 40), max_size=30)
OWNERS = st.integers(0, 2**32 - 1) | st.integers(0, 3)


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
