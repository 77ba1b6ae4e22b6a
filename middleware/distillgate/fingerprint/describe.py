"""What is learned of one text, when its words are gone: its sketch, and its sample of 3-grams."""

from functools import partial

from distillgate.fingerprint.grams import grams
from distillgate.fingerprint.sketch import (
    CLASSES,
    GRAMMAR_HASHES,
    STEPS,
    WEIGHTS,
    pack,
    sketch_words,
)
from distillgate.fingerprint.words import TABLE, words
from distillgate.native import passes


def described(text: bytes, key: int) -> tuple[bytes | None, bytes]:
    """Return a text's sketch, packed, None without words, and its sample of 3-grams.

    The text is one of `window`; `key` keys the hashes of 3-grams.
    """
    found = words(text)
    drawn = sketch_words(text, found)
    return pack(drawn) if drawn is not None else None, grams(found, key)


describe = (
    described
    if passes is None
    else partial(
        passes.describe,
        TABLE.tobytes(),
        CLASSES,
        WEIGHTS.tobytes(),
        GRAMMAR_HASHES.tobytes(),
        STEPS.tobytes(),
    )
)
"""`described`, by the compiled pass where there is one."""
