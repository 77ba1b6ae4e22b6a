"""Token ids as words: a text that was tokenised before it was sent is that text in a cipher.

vLLM, SGLang and llama.cpp take a prompt as ids, and whoever has the tokeniser can send any. Nobody
here has it, and nobody needs it: the same word is the same id. So each id is a word of letters, and
a line ends after those ids of which one in eight is drawn, so that a template falls into the same
pieces wherever it stands.
"""

from collections.abc import Sequence
from functools import cache
from itertools import product

import numpy as np
from numpy.typing import NDArray

from distillgate.wire.fields import NUMBERS

LEAST = 8
"""Ids that are a text; fewer are a setting (`stop_token_ids`)."""

_LETTERS = b"abcdefghijklmnopqrstuvwxyz"
_PAIRS = len(_LETTERS) ** 2
_IDS = _PAIRS**2
"""Ids that have a word of their own: 457,000, where vocabularies have up to 262,000."""
_MIX, _SHIFT = np.uint64(0x9E3779B97F4A7C15), np.uint64(61)


@cache
def _words() -> NDArray[np.void]:
    """Return the word of each id, and what ends it (2.3 MB, made when ids first come)."""
    pairs = np.array(list(product(_LETTERS, repeat=2)), np.uint8)
    words = np.empty((_PAIRS, _PAIRS, 5), np.uint8)
    words[:, :, :2], words[:, :, 2:4] = pairs, pairs[:, None]
    ends = np.arange(_IDS, dtype=np.uint64) * _MIX >> _SHIFT == 0
    words[:, :, 4] = np.where(ends, ord("\n"), ord(" ")).reshape(_PAIRS, _PAIRS)
    return words.view("V5").ravel()


def spelled(items: Sequence[object]) -> str | None:
    """Return token ids as a text; None for what is no list of ids, or of a few only.

    Whole floats may be among them, and truth values (`NUMBERS`).
    """
    kinds = set(map(type, items))
    if len(items) < LEAST or kinds == {bool} or not NUMBERS.issuperset(kinds):
        return None
    if kinds != {int}:
        if not all(float(one).is_integer() for one in items if type(one) is float):
            return None
        items = [int(one) for one in items if isinstance(one, int | float)]
    try:
        ids = np.array(items, np.int64)
    except OverflowError:
        return None
    # `take` would wrap as well, by one step after the other: 2**63 of them are for ever.
    return _words().take(ids % _IDS).tobytes().decode()
