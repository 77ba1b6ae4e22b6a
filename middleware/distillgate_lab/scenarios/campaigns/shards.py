"""Cutting a work list up by subject, so that every account gets a corner of it."""

import re
import zlib
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_WORD = re.compile(r"[a-z]{4,}")
_DIMENSIONS = 256
_RARE = 0.04
"""Share of the texts up to which a word tells their subject."""


def by_subject(texts: Sequence[str], size: int) -> list[list[int]]:
    """Part texts into shards of `size`: again and again one text, and those nearest to it."""
    vectors = _vectors(texts)
    left = np.random.default_rng(0).permutation(len(texts))
    shards: list[list[int]] = []
    while len(left):
        near = np.argsort(-(vectors[left] @ vectors[left[0]]), kind="stable")[:size]
        shards.append(left[near].tolist())
        left = np.delete(left, near)
    return shards


def _vectors(texts: Sequence[str]) -> NDArray[np.float32]:
    found = [Counter(_WORD.findall(text.lower())) for text in texts]
    texts_with = Counter(word for words in found for word in words)
    vectors = np.zeros((len(texts), _DIMENSIONS), np.float32)
    for row, words in zip(vectors, found, strict=True):
        for word, count in words.items():
            if 1 < texts_with[word] <= max(2, _RARE * len(texts)):
                place = zlib.crc32(word.encode())
                sign = 1 if place & 1 else -1
                row[(place >> 1) % _DIMENSIONS] += sign * count**0.5
    lengths = np.maximum(1e-6, np.linalg.norm(vectors, axis=1, keepdims=True))
    vectors /= lengths
    return vectors
