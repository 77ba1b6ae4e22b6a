"""A sample of a text's word 3-grams: whether a text says what was said before, without the text.

The smallest hashes are kept. Which those are depends on the 3-grams alone, so that the samples of
two texts can be compared: what both texts have is in both samples, or in neither.
"""

import numpy as np

from distillgate.fingerprint.words import U64, Words

KEPT = 8
"""3-grams kept of one text (8 bytes each)."""
_FIRST, _SECOND, _LAST = U64(0x9E3779B97F4A7C15), U64(0xC2B2AE3D27D4EB4F), U64(0x165667B19E3779F9)
_MIX, _SHIFT = U64(0xBF58476D1CE4E5B9), U64(32)


def grams(found: Words, key: int) -> bytes:
    """Return the sample of a text's 3-grams, the smallest first; of fewer words, of what there is.

    `key` keys the hashes.
    """
    words = found.hashes
    if not len(words):
        return b""
    if len(words) < 3:
        words = np.resize(words, 3)
    mixed = words[:-2] * _FIRST
    mixed += words[1:-1] * _SECOND
    mixed += words[2:] * _LAST
    mixed ^= U64(key)
    mixed *= _MIX
    mixed ^= mixed >> _SHIFT
    mixed *= _MIX
    return np.unique(mixed)[:KEPT].tobytes()
