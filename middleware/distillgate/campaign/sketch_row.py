"""What one text changes in a row of `sketch_table`: means in whole steps, and style's deviations.

Rows lie in flat views of the table's arrays, one place after the other.
"""

import math

import numpy as np
from numpy.typing import NDArray

from distillgate.fingerprint.sketch import STYLE, TOPIC
from distillgate.native import passes

CLOCK = 4
"""Cosine and sine of the hour of the day and of the day of the week."""
FEATURES = TOPIC + STYLE + CLOCK
_STYLE = slice(TOPIC, TOPIC + STYLE)


def mix_text(
    means: memoryview,
    deviations: memoryview,
    place: int,
    text: NDArray[np.float32],
    steps: NDArray[np.float32],
    weight: float,
) -> None:
    """Add a text to the means and deviations at a place; `steps` are those of its style.

    `weight` is the text's share of all that the means are of.
    """
    row = np.asarray(means[place * FEATURES : (place + 1) * FEATURES])
    spread = np.asarray(deviations[place * STYLE : (place + 1) * STYLE])
    mean = row.astype(np.float32)
    shift = text - mean
    deviation = np.hypot(spread, shift[_STYLE] * (steps * math.sqrt(weight)))
    deviation *= math.sqrt(1.0 - weight)
    spread[:] = deviation
    shift *= weight
    mean += shift
    row[:] = np.rint(mean, out=mean)


add_text = mix_text if passes is None else passes.add_text
"""The same, by the compiled pass where there is one."""
