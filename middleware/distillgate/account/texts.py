"""What an account's own varying texts are like, as fading counts: no text, and no template's words.

Only the newest turn is counted, less everything that is fixed; what the fixed part asks for counts
once, however often it is sent. A program that sends the same turn again while it works on it (an
agent's loop) is counted once for it.
"""

import math
from array import array
from enum import IntEnum

import numpy as np

from distillgate.account.windows import DAY
from distillgate.fingerprint.asks import Ask
from distillgate.fingerprint.observation import Observation
from distillgate.fingerprint.sketch import TOPIC, Sketch, unpack


class Count(IntEnum):
    """What is counted of the texts."""

    TEXTS = 0
    REASONING = 1
    HIDDEN = 2
    GRADING = 3
    CLEANING = 4
    GENERATION = 5
    SIGNED = 6
    """Made from a known template."""
    REFUSED = 7
    """Asked for what is hidden, and were refused it."""
    ANSWERED = 8
    """Got an answer of known length, at the beginning of a conversation."""
    EXPANDED = 9
    """Of those, short ones with a long answer."""
    CAPPED = 10
    """Of those, the ones whose answer used its cap up."""
    VARIED = 11
    """Say nearly what the text before said, in other words."""
    SAMPLED = 12
    """Fall into the account's sample of distinct texts."""
    AGAIN = 13
    """Of those, the ones that were in it already."""


_KINDS = (
    (Ask.REASONING, Count.REASONING),
    (Ask.HIDDEN, Count.HIDDEN),
    (Ask.GRADING, Count.GRADING),
    (Ask.CLEANING, Count.CLEANING),
    (Ask.GENERATION, Count.GENERATION),
)
_PLACES = 32
"""Dimensions of the sum of subjects: the sketch's, folded once."""
_SIZE = len(Count) + _PLACES
_FULL = 2048.0
"""Texts after which all counts are halved."""
KNOWN_FROM = 3
"""Requests from which an account's fixed text is known, and the rest may be counted."""
_WORDINGS = 256
"""Places by which different wordings are counted (linear counting, Whang et al. 1990)."""
_SHORT, _LONG, _RATIO = 400, 400, 3.0
"""A short task has so many prompt tokens at most, a long answer so many output tokens at least and
so many times the prompt's."""
_CAP, _USED = 1024, 0.98
"""An output cap that matters (tokens), and the share of it from which it is used up."""
_ALIKE, _SAME = 0.6, 0.995
"""Cosine of two subjects from which one text is a variant of the other, and no longer is one."""


class Texts:
    """Fading counts over one account's varying texts, in about 400 bytes."""

    __slots__ = ("_previous", "_state", "_wordings", "constant", "faded_at", "last", "signature")

    def __init__(self, now: float) -> None:
        self._state = array("f", bytes(4 * _SIZE))
        self._previous = b""
        """The subject of the text before, in eighths of its largest value."""
        self._wordings = 0
        """A bit a wording in which what is hidden was asked for."""
        self.constant = Ask(0)
        """What the account's fixed texts ask for."""
        self.last: int | None = None
        """Hash of the text before."""
        self.signature = 0
        """The latest known template."""
        self.faded_at = now

    def __getitem__(self, which: Count) -> float:
        return self._state[which]

    def share(self, which: Count) -> float:
        """Give the share of the texts that are so."""
        return self._state[which] / max(1.0, self._state[Count.TEXTS])

    def wordings(self) -> float:
        """Estimate in how many wordings what is hidden was asked for."""
        empty = _WORDINGS - self._wordings.bit_count()
        return float(-_WORDINGS * np.log(max(1, empty) / _WORDINGS))

    def likeness(self) -> float:
        """Give the mean cosine of two texts' subjects; 1 is one subject only."""
        texts = self._state[Count.TEXTS]
        if texts < 2:
            return 1.0
        total = np.frombuffer(self._state, np.float32)[len(Count) :]
        return float((total @ total - texts) / (texts * (texts - 1)))

    def add(self, which: Count) -> None:
        """Count one text."""
        self._state[which] += 1.0

    def word(self, wording: int) -> None:
        """Remember a wording by its hash."""
        self._wordings |= 1 << wording % _WORDINGS

    def turn_to(self, sketch: Sketch) -> None:
        """Add a text's subject, and count it where it varies the one before."""
        folded = sketch.topic[:_PLACES] + sketch.topic[_PLACES:]
        norm = math.sqrt(folded @ folded) or 1.0
        folded = folded / norm
        state = np.frombuffer(self._state, np.float32)
        state[len(Count) :] += folded
        if self._previous:
            before = np.frombuffer(self._previous, np.int8).astype(np.float32)
            alike = float(before @ folded) / (math.sqrt(before @ before) or 1.0)
            self._state[Count.VARIED] += _ALIKE <= alike < _SAME
        self._previous = np.rint(folded * 127).astype(np.int8).tobytes()

    def fade(self, now: float, half_life: float) -> None:
        """Let the counts fade: by age, and by half when there are very many."""
        factor = 0.5 if self._state[Count.TEXTS] >= _FULL else 1.0
        if now - self.faded_at >= DAY:
            factor *= 0.5 ** ((now - self.faded_at) / half_life)
            self.faded_at = now
        if factor < 1.0:
            np.frombuffer(self._state, np.float32)[:] *= factor


def learn_text(
    texts: Texts, seen: Observation, now: float, half_life: float, *, again: bool | None
) -> bool:
    """Count one request's varying text; False where it is the one before again, or empty.

    `again` says whether it is in the account's sample of texts already; None where it does not
    fall into it.
    """
    own, signature = seen.own, seen.sent.signature
    texts.constant |= own.constant
    if own.hash is None or own.hash == texts.last:
        return False
    texts.last = own.hash
    texts.fade(now, half_life)
    texts.add(Count.TEXTS)
    if own.kinds:
        _learn_kinds(texts, Ask(own.kinds), own.wording)
    if signature is not None:
        texts.add(Count.SIGNED)
        texts.signature = signature
    if again is not None:
        texts.add(Count.SAMPLED)
        if again:
            texts.add(Count.AGAIN)
    if own.sketch is not None:
        texts.turn_to(unpack(own.sketch))
    return True


def _learn_kinds(texts: Texts, kinds: Ask, wording: int) -> None:
    for ask, count in _KINDS:
        if ask in kinds:
            texts.add(count)
    if Ask.HIDDEN in kinds:
        texts.word(wording)


def learn_answer(texts: Texts, seen: Observation) -> None:
    """Count what a new text was answered with."""
    answer, cap = seen.answer, seen.sent.cap
    if answer.denied:
        texts.add(Count.REFUSED)
    tokens, output = answer.prompt_tokens, answer.completion_tokens
    if seen.sent.turns > 1 or tokens is None or output is None:
        return
    texts.add(Count.ANSWERED)
    if tokens <= _SHORT and output >= max(_LONG, _RATIO * tokens):
        texts.add(Count.EXPANDED)
    if cap is not None and cap >= _CAP and output >= _USED * cap:
        texts.add(Count.CAPPED)


assert TOPIC == 2 * _PLACES
