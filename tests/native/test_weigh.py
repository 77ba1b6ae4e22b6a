"""The compiled weighing of principals against the Python that it stands for, bit for bit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from distillgate.campaign.belonging import sum_strays
from distillgate.campaign.weigh import sum_rows
from distillgate.native import passes

pytestmark = pytest.mark.skipif(
    passes is None, reason="no compiled passes: built without a compiler, or DISTILLGATE_NATIVE=off"
)


@given(
    st.integers(0, 2**32 - 1), st.integers(0, 40), st.integers(1, 200), st.integers(1, 9),
    st.floats(0, 1), st.floats(-4, 4),
)  # fmt: skip
def test_weights(
    seed: int, rows: int, features: int, kinds: int, subject: float, scale: float
) -> None:
    rng = np.random.default_rng(seed)
    chosen, judged = (rng.normal(0, 10**scale, (rows, features)) for _ in range(2))
    means = chosen, judged, rng.gamma(1.0, 2.0, (rows, features))
    centre, chance = rng.normal(0, 1, features), rng.gamma(2.0, 1.0, (4, kinds, features))
    which, places = rng.integers(0, kinds, rows), int(subject * features)
    plain, compiled = np.zeros((2, rows)), np.zeros((2, rows))

    sum_rows(plain, means, centre, which, chance, places, (-3.0, 1.5))
    passes.weigh_rows(compiled, means, centre, which, chance, places, (-3.0, 1.5))

    assert compiled.tobytes() == plain.tobytes()


def test_nothing_is_read_beyond_an_array() -> None:
    said, means = np.zeros((2, 3)), (np.ones((3, 5)), np.ones((3, 5)), np.ones((3, 5)))
    centre, chance = np.ones(5), np.ones((4, 2, 5))
    clip, which = (-3.0, 1.5), np.array([0, 1, 1])

    def refused(**other: object) -> None:
        given = {
            "said": said, "means": means, "centre": centre, "which": which, "chance": chance,
            "places": 4, "clip": clip,
        } | other  # fmt: skip
        with pytest.raises(ValueError, match="another size"):
            passes.weigh_rows(*given.values())  # type: ignore[arg-type]

    refused(said=np.zeros((2, 2)))
    refused(means=(means[0], means[1][:2], means[2]))
    refused(centre=np.ones(4))
    refused(which=np.array([0, 1, 2]))
    refused(which=np.array([0, -1, 1]))
    refused(chance=chance[:3])
    refused(places=6)
    refused(places=-1)
    assert not said.any()


@given(
    st.integers(0, 2**32 - 1), st.integers(1, 256), st.integers(0, 4), st.floats(0, 1),
    st.floats(1, 2048), st.floats(-4, 4),
)  # fmt: skip
def test_strays(
    seed: int, features: int, more: int, subject: float, texts: float, scale: float
) -> None:
    rng = np.random.default_rng(seed)
    sums, places = rng.normal(0, 10**scale, features + more), int(subject * features)
    centre, within = rng.normal(0, 1, features), rng.gamma(1.0, 2.0, features)

    plain = sum_strays(sums, texts, centre, within, places)

    assert passes.stray_sums(sums, texts, centre, within, places) == plain


def test_no_mean_is_read_beyond_its_end() -> None:
    five = np.ones(5)
    for sums, centre, within, places in (
        (five[:4], five, five, 3),
        (five, five, five[:4], 3),
        (five, five, five, 6),
        (five, five, five, -1),
        (np.ones(257), np.ones(257), np.ones(257), 3),
    ):
        with pytest.raises(ValueError, match="another size"):
            passes.stray_sums(sums, 2.0, centre, within, places)
