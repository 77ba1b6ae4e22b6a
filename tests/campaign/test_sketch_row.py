"""What one text changes in a row."""

import numpy as np
import pytest

from distillgate.campaign.sketch_row import CLOCK, FEATURES, add_text, mix_text
from distillgate.fingerprint.sketch import STYLE

STEPS = np.full(STYLE, 1 / 4000, np.float32)


@pytest.mark.parametrize("add", [mix_text, add_text], ids=["Python", "in use"])
def test_a_row_is_the_mean_of_its_texts_and_the_spread_of_their_style(add: object) -> None:
    assert callable(add)
    rng = np.random.default_rng(3)
    texts = rng.normal(0, 4000, (40, FEATURES)).astype(np.float32)
    means, deviations = np.zeros((3, FEATURES), np.int16), np.zeros((3, STYLE), np.float16)
    for number, text in enumerate(texts, 1):
        add(means.reshape(-1).data, deviations.reshape(-1).data, 1, text, STEPS, 1 / number)

    assert np.abs(means[1] - texts.mean(axis=0)).max() < 10  # steps, of the 40 that were rounded
    style = texts[:, -CLOCK - STYLE : -CLOCK].std(axis=0) / 4000
    assert deviations[1] == pytest.approx(style, rel=0.01)
    assert not means[[0, 2]].any()
    assert not deviations[[0, 2]].any()
