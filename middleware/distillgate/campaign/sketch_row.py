"""One text and one row of `sketch_table`: what is added, what that changes, and what there is.

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
ROW = np.dtype(
    [
        ("mark", "<u8"),
        ("texts", "<u4", (2,)),
        ("used_at", "<u4"),
        ("turns", "<u4"),
        ("answered", "<f4"),
        ("payer", "<u4"),
        ("means", "<i2", (2, FEATURES)),
        ("deviations", "<f2", (2, STYLE)),
    ]
)
"""One row, as it is written down."""


def sound_rows(packed: bytes) -> bool:
    """Return whether these are rows at all, with counts and sums in them: one that is not a number
    makes a sum over all none.
    """
    if len(packed) % ROW.itemsize:
        return False
    rows = np.frombuffer(packed, ROW)
    counted = rows["texts"].sum(axis=1) <= np.iinfo(np.uint32).max
    sums = (rows["answered"], rows["deviations"])
    return all([counted.all(), *(((one >= 0) & (one < np.inf)).all() for one in sums)])


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


def fill_entry(
    entry: NDArray[np.float32],
    topic: NDArray[np.float32],
    style: NDArray[np.float32],
    steps: NDArray[np.float32],
    *clock: float,
) -> None:
    """Write a text as a row to add: its subject, its manner and when it was sent, in steps."""
    np.concatenate((topic, style, clock), out=entry, casting="same_kind")
    entry *= steps


def fill_sums(
    sums: NDArray[np.float64],
    means: memoryview,
    steps: NDArray[np.float64],
    row: int,
    first: float,
    second: float,
) -> None:
    """Write the sums over a row's texts, of which either half has so many."""
    at = 2 * row * FEATURES
    halves = np.asarray(means[at : at + 2 * FEATURES]).reshape(2, FEATURES)
    np.multiply(np.array([first, second]) @ halves, steps, out=sums)


if passes is None:
    add_text, write_entry, write_sums = mix_text, fill_entry, fill_sums
else:
    add_text, write_entry, write_sums = passes.add_text, passes.write_entry, passes.write_sums
