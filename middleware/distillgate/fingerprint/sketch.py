"""A text's subject and its manner, as two small vectors. Both forget the text.

`topic` says what a text is about: its words, hashed with signs into 64 places (feature hashing,
Weinberger et al. 2009, arXiv:0902.2206) and scaled to length one. `style` says how it is written:
sixteen scalars of length, shape and punctuation that change little with the subject. Two texts from
one hand share style across subjects; that is what tells one dealer of many topics from many people
(see `campaign.exchangeability`).
"""

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from distillgate.fingerprint.words import (
    DIGIT,
    HIGH,
    KINDS,
    NEWLINE,
    PUNCTUATION,
    UPPER,
    Bytes,
    Hashes,
    Words,
    window,
    words,
)
from distillgate.native import passes

TOPIC = 64
STYLE = 16

Vector = NDArray[np.float32]

# Short words are mostly grammar; without a document-frequency table (which would have to be learned
# from traffic an attacker can send) their length is the stand-in for how little they say.
# In twentieths: sums of whole numbers are exact, in whatever order somebody adds.
WEIGHTS = np.array([0, 1, 1, 3, 10, 16, 20], np.float64)
_GRAMMAR = b"the of to and a in is i you it that for on with as be are this my your"
_SHIFT = np.uint64(40)
_ONE = np.uint64(1)
_SIGNS = np.array([-1.0, 1.0])
_PLACES = np.uint64(TOPIC - 1)


class Sketch(NamedTuple):
    """One text's subject and manner. `topic` has length one, or zero where there are no words."""

    topic: Vector
    style: Vector


def sketch(text: bytes) -> Sketch | None:
    """Sketch a text (UTF-8); None where it holds no words: no evidence, not a neutral value."""
    text = window(text)
    return sketch_words(text, words(text))


def steered(drawn: Sketch | None, tokens: Sequence[int]) -> Sketch:
    """Return a sketch with as much of the tokens that a request biases as of its words.

    `tokens` are their hashes; `drawn` is None where there are no words.
    """
    walked = _placed(np.array(tokens, np.uint64), np.ones(len(tokens)))
    if drawn is None:
        return Sketch(walked, np.zeros(STYLE, np.float32))
    return Sketch(_scaled(walked + drawn.topic), drawn.style)


def sketch_words(text: bytes, found: Words) -> Sketch | None:
    """Sketch a text (of `window`) whose words were found already."""
    if not len(found.starts):
        return None
    begins = KINDS.take(np.frombuffer(text, np.uint8).take(found.starts))
    return Sketch(_topic(found, begins), _style(text, found, begins))


def _topic(found: Words, begins: Bytes) -> Vector:
    weights = WEIGHTS.take(found.lengths, mode="clip")
    weights[begins == HIGH] = WEIGHTS[-1]
    return _placed(found.hashes, weights)


def _placed(hashes: Hashes, weights: NDArray[np.float64]) -> Vector:
    weights = weights * _SIGNS.take(((hashes >> _SHIFT) & _ONE).view(np.intp))
    places = (hashes & _PLACES).view(np.intp)
    return _scaled(np.bincount(places, weights, TOPIC))


def _scaled(vector: NDArray[Any]) -> Vector:
    norm = math.sqrt(vector @ vector)
    return (vector / norm if norm else vector).astype(np.float32)


GRAMMAR_HASHES = np.sort(words(_GRAMMAR).hashes)
_GRAMMAR_BOUNDS = np.concatenate((GRAMMAR_HASHES, GRAMMAR_HASHES + _ONE))
"""Between a hash and the next number, in a sorted text, stand all words of that hash."""
_GRAMMAR_SIGNS = np.repeat(np.array([-1, 1]), len(GRAMMAR_HASHES))
_MARKS = range(128, 133)
"""Commas, questions, brackets, quotes, ends: what they count as, beside the kinds."""
_CLASSES = bytearray(KINDS)
for _mark, _bytes in zip(_MARKS, (b",", b"?", b"()[]{}<>", b"\"'`", b".!"), strict=True):
    for _byte in _bytes:
        _CLASSES[_byte] = _mark
CLASSES = bytes(_CLASSES)
LARGEST = np.array([8, 8, 32, 32, 4, 1, 1, 8, *[1] * 8], np.float32)
"""How large each feature of style gets; words of hundreds of bytes are cut down to it."""
STEPS = np.concatenate((np.full(TOPIC, 32_000.0), 32_000.0 / LARGEST), dtype=np.float32)
"""Steps in which each feature is told: 16 bits at its largest."""
PACKED = 2 * (TOPIC + STYLE)
"""Bytes of a packed sketch."""
_UNPACKED = 16
"""Sketches that are kept unpacked: whoever learns of a text reads the same one."""


def pack(given: Sketch) -> bytes:
    """Write a sketch down, in steps of 16 bits: what is learned is the same wherever it is."""
    steps = np.concatenate(given) * STEPS
    return bytes(np.rint(steps, out=steps).astype(np.int16))


def read_packed(data: bytes, steps: Vector) -> bytes:
    """Read the values of a packed sketch, as bytes."""
    return np.divide(np.frombuffer(data, np.int16), steps, dtype=np.float32).tobytes()


_unpacked = read_packed if passes is None else passes.unpacked
"""The same, by the compiled pass where there is one."""


@lru_cache(_UNPACKED)
def unpack(data: bytes) -> Sketch:
    """Read what `pack` wrote; not to be changed, as others get the same."""
    read = np.frombuffer(_unpacked(data, STEPS), np.float32)
    return Sketch(read[:TOPIC], read[TOPIC:])


def _style(text: bytes, found: Words, begins: Bytes) -> Vector:
    size = len(text)
    count = len(found.starts)
    classes = np.frombuffer(text.translate(CLASSES), np.uint8)
    seen = np.bincount(classes, minlength=_MARKS.stop).tolist()
    commas, questions, brackets, quotes, stops = marks = seen[_MARKS.start :]
    hashes = np.sort(found.hashes)
    distinct = 1 + np.count_nonzero(hashes[1:] != hashes[:-1])
    grammatical = int(hashes.searchsorted(_GRAMMAR_BOUNDS) @ _GRAMMAR_SIGNS)
    mean = int(found.lengths.sum()) / count
    square = int(found.lengths @ found.lengths) / count
    # Square roots of rates: a rate's spread grows with its size, its root's does not.
    rates = (seen[DIGIT], seen[PUNCTUATION] + sum(marks), seen[UPPER], seen[HIGH],
             commas, questions, brackets, quotes)  # fmt: skip
    return np.array(
        [
            math.log1p(size),
            math.log1p(seen[NEWLINE]),
            min(mean, 32.0),
            min(math.sqrt(max(0.0, square - mean * mean)), 32.0),
            distinct / count**0.9,
            np.count_nonzero(begins == UPPER) / count,
            grammatical / count,
            math.log1p(count / (1 + stops + questions)),
            *[math.sqrt(rate / size) for rate in rates],
        ],
        np.float32,
    )
