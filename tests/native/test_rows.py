"""The compiled passes over rows against the Python that they stand for, bit for bit."""

from array import array

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from distillgate.account.texts import mix_mean
from distillgate.campaign.sample import fill_subject
from distillgate.campaign.sketch_row import FEATURES, fill_entry, fill_sums, mix_text
from distillgate.fingerprint.sketch import PACKED, STEPS, STYLE, TOPIC, read_packed
from distillgate.native import passes

pytestmark = pytest.mark.skipif(
    passes is None, reason="no compiled passes: built without a compiler, or DISTILLGATE_NATIVE=off"
)

FLOATS = st.floats(width=32, allow_nan=False, min_value=-40_000, max_value=40_000)
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


def test_nothing_is_written_beyond_a_table() -> None:
    means, deviations = np.zeros(2 * FEATURES, np.int16), np.zeros(2 * STYLE, np.float16)
    steps, text = np.ones(STYLE, np.float32), np.ones(FEATURES, np.float32)
    for place in (-1, 2):
        with pytest.raises(ValueError, match="another size"):
            passes.add_text(means.data, deviations.data, place, text, steps, 1.0)
    with pytest.raises(ValueError, match="another size"):
        passes.add_text(means.data, deviations.data, 1, text[:-1], steps, 1.0)
    assert not means.any()
    with pytest.raises(ValueError, match="another size"):
        passes.write_sums(np.zeros(FEATURES), means.data, np.ones(FEATURES), 1, 1.0, 1.0)
    with pytest.raises(ValueError, match="another size"):
        passes.write_subject(np.zeros(TOPIC, np.int8).data, 1, text[:TOPIC], 127.0)
    with pytest.raises(ValueError, match="another size"):
        passes.turn_mean(array("f", bytes(64)), 4, text[:32], 32_000.0, 2.0)
    with pytest.raises(ValueError, match="another size"):
        passes.write_entry(text, text[:TOPIC], text[:TOPIC], text, 0.0, 0.0, 0.0, 0.0)


@given(st.binary(min_size=PACKED, max_size=PACKED))
def test_packed_sketches(data: bytes) -> None:
    assert passes.unpacked(data, STEPS) == read_packed(data, STEPS)
    with pytest.raises(ValueError, match="another size"):
        passes.unpacked(data[:-1], STEPS)


@given(SEEDED, st.lists(st.floats(-1, 1), min_size=4, max_size=4))
def test_entries(told: Row, clock: list[float]) -> None:
    steps = np.linspace(100.0, 32_000.0, FEATURES, dtype=np.float32)
    text = told / np.float32(9000)
    topic, style = text[:TOPIC], text[TOPIC : TOPIC + STYLE]
    plain, compiled = (np.zeros(FEATURES, np.float32) for _ in range(2))

    fill_entry(plain, topic, style, steps, *clock)
    passes.write_entry(compiled, topic, style, steps, *clock)

    assert compiled.tobytes() == plain.tobytes()


@given(SEEDED, SEEDED, st.integers(0, 1024), st.integers(0, 1024), st.integers(0, 1))
def test_sums(one: Row, other: Row, first: int, second: int, row: int) -> None:
    means = np.concatenate((one, other, other, one)).clip(-32_000, 32_000).astype(np.int16)
    step = 1 / np.linspace(100.0, 32_000.0, FEATURES)
    plain, compiled = np.zeros(FEATURES), np.zeros(FEATURES)

    fill_sums(plain, means.data, step, row, first, second)
    passes.write_sums(compiled, means.data, step, row, first, second)

    assert compiled.tobytes() == plain.tobytes()


@given(SEEDED, SEEDED, st.floats(1, 2048))
def test_mean_subjects(one: Row, other: Row, texts: float) -> None:
    mean = one[:32].clip(-32_000, 32_000).astype(np.int16).tobytes()
    plain, compiled = (array("f", bytes(44) + mean + bytes(20)) for _ in range(2))
    folded = other[:32] / np.float32(40_000)

    mix_mean(plain, 44, folded, 32_000.0, texts)
    passes.turn_mean(compiled, 44, folded, 32_000.0, texts)

    assert compiled.tobytes() == plain.tobytes()


@given(ROWS | SEEDED, st.integers(0, 3))
def test_subjects(text: Row, place: int) -> None:
    topic = text[:TOPIC] / np.float32(40_000)
    plain, compiled = (np.zeros(4 * TOPIC, np.int8) for _ in range(2))

    fill_subject(plain.data, place, topic, 127.0)
    passes.write_subject(compiled.data, place, topic, 127.0)

    assert compiled.tobytes() == plain.tobytes()
