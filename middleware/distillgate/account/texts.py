"""What an account's own varying texts are like, as fading counts: no text, and no template's words.

Only the newest turn is counted, less everything that is fixed; what the fixed part asks for counts
once, however often it is sent. A program that sends the same turn again while it works on it (an
agent's loop) is counted once for it.
"""

import math
import struct
from array import array
from enum import IntEnum
from typing import TYPE_CHECKING, Self, cast

import numpy as np
from numpy.typing import NDArray

from distillgate.account.windows import DAY, HALF_LIFE
from distillgate.fingerprint.intents import Intent
from distillgate.fingerprint.observation import Observation, Own
from distillgate.fingerprint.sketch import TOPIC, Sketch, unpack
from distillgate.native import passes
from distillgate.records import FrozenStruct, Record, decoder, encode


class Count(IntEnum):
    """What is counted of the texts. The number is the place in what is written, too: new ones go to
    the end.
    """

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


_KINDS = (
    (Intent.REASONING, Count.REASONING),
    (Intent.HIDDEN, Count.HIDDEN),
    (Intent.GRADING, Count.GRADING),
    (Intent.CLEANING, Count.CLEANING),
    (Intent.GENERATION, Count.GENERATION),
)
_PLACES = 32
"""Dimensions of the mean subject: the sketch's, folded once."""
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

_MEAN, _LAST, _FADED, _ASKED, _WORDS = (
    4 * place for place in (len(Count), *(len(Count) + n for n in (16, 18, 20, 21)))
)
"""Where the parts begin, in bytes: after the counts the mean subject (16 bits a place), the hash of
the text before, when the counts last faded, what the fixed texts ask for with the latest known
template; and, where there are any, the wordings."""
_FORMER = 116, slice(2 * _PLACES, 3 * _PLACES)
"""Bytes behind the counts as they once were written; and the subject of the text before in them,
which nothing reads any more."""
_STEPS = 32_000.0
_ASK = struct.Struct("<BBH")
_NONE = array("f", bytes(_WORDS))

if TYPE_CHECKING:
    Floats = array[float]
else:
    Floats = array


class _Written(Record):
    """The counts as bytes, apart from what is behind them, so that either can grow."""

    counts: bytes
    means: bytes
    wordings: bytes = b""


class Texts(Floats):
    """Fading counts over one account's varying texts, in one array of 128 bytes.

    Means of 16 bits as in `campaign.members`: a mean does not fade, and steps of 1/32,000 do for
    the 2,048 texts it is of at most.
    """

    __slots__ = ()

    def __new__(cls, now: float) -> Self:
        """Begin to count."""
        made = super().__new__(cls, "f", _NONE)  # of an array: exactly so large
        struct.pack_into("<d", made, _FADED, now)
        return cast("Self", made)

    @classmethod
    def of(cls, data: bytes) -> Self:
        """Read what was written; counts that were not known then are zero."""
        written: _Written = _READ(data)
        made = cls(0.0)
        made.frombytes(written.wordings)
        means, (former, gone) = bytearray(written.means), _FORMER
        if len(means) == former:
            del means[gone]
        view = memoryview(made).cast("B")
        for part, known in ((view[:_MEAN], written.counts), (view[_MEAN:_WORDS], means)):
            part[: len(known)] = known[: len(part)]
        return made

    def __bytes__(self) -> bytes:
        """Write it."""
        view = memoryview(self).cast("B")
        counts, means, wordings = view[:_MEAN], view[_MEAN:_WORDS], view[_WORDS:]
        return encode(_Written(bytes(counts), bytes(means), bytes(wordings)))

    @property
    def constant(self) -> int:
        """What the account's fixed texts ask for: bits of `Intent`."""
        return self._asked[0]

    @constant.setter
    def constant(self, asked: int) -> None:
        _ASK.pack_into(self, _ASKED, asked, *self._asked[1:])

    @property
    def signature(self) -> int:
        """The latest known template."""
        return self._asked[2]

    @signature.setter
    def signature(self, number: int) -> None:
        _ASK.pack_into(self, _ASKED, *self._asked[:2], number)

    @property
    def last(self) -> int | None:
        """Hash of the text before."""
        known: int = struct.unpack_from("<Q", self, _LAST)[0]
        return known if self._asked[1] else None

    @last.setter
    def last(self, value: int) -> None:
        struct.pack_into("<Q", self, _LAST, value)
        _ASK.pack_into(self, _ASKED, self._asked[0], 1, self._asked[2])

    def share(self, which: Count) -> float:
        """Return the share of the texts that are so."""
        return self[which] / max(1.0, self[Count.TEXTS])

    def wordings(self) -> float:
        """Estimate in how many wordings what is hidden was asked for."""
        marked = int.from_bytes(memoryview(self).cast("B")[_WORDS:]).bit_count()
        return -_WORDINGS * math.log(max(1, _WORDINGS - marked) / _WORDINGS)

    def likeness(self) -> float:
        """Return the mean cosine of two texts' subjects; 1 is one subject only."""
        texts = self[Count.TEXTS]
        if texts < 2:
            return 1.0
        mean = np.frombuffer(self, np.int16, _PLACES, _MEAN) * (texts / _STEPS)
        return float((mean @ mean - texts) / (texts * (texts - 1)))

    def add(self, which: Count) -> None:
        """Count one text."""
        self[which] += 1.0

    def word(self, wording: int) -> None:
        """Remember a wording by its hash."""
        if len(self) * self.itemsize == _WORDS:
            self.frombytes(bytes(_WORDINGS // 8))
        place = wording % _WORDINGS
        memoryview(self).cast("B")[_WORDS + place // 8] |= 1 << place % 8

    def turn_to(self, sketch: Sketch | None) -> None:
        """Add a text's subject; none where it has no words."""
        texts = max(1.0, self[Count.TEXTS])
        if sketch is None:
            mean = np.frombuffer(self, np.int16, _PLACES, _MEAN)
            mean[:] = np.rint(mean * (1.0 - 1.0 / texts))
            return
        folded = sketch.topic[:_PLACES] + sketch.topic[_PLACES:]
        folded /= math.sqrt(folded @ folded) or 1.0
        turn_mean(self, _MEAN, folded, _STEPS, texts)

    def fade(self, now: float) -> None:
        """Let the counts fade: by age, and by half when there are very many."""
        factor = 0.5 if self[Count.TEXTS] >= _FULL else 1.0
        faded_at: float = struct.unpack_from("<d", self, _FADED)[0]
        if now - faded_at >= DAY:
            factor *= 0.5 ** ((now - faded_at) / HALF_LIFE)
            struct.pack_into("<d", self, _FADED, now)
        if factor < 1.0:
            np.frombuffer(self, np.float32, len(Count))[:] *= factor

    @property
    def _asked(self) -> tuple[int, int, int]:
        """What fixed texts ask for, whether there was a text before, the latest template."""
        return _ASK.unpack_from(self, _ASKED)


def mix_mean(
    means: Floats, at: int, folded: NDArray[np.float32], steps: float, texts: float
) -> None:
    """Turn a mean subject, told in `steps`, to the folded subject of the newest of `texts`."""
    mean = np.frombuffer(means, np.int16, _PLACES, at)
    mean[:] = np.rint(mean + (folded * steps - mean) / texts)


turn_mean = mix_mean if passes is None else passes.turn_mean
"""The same, by the compiled pass where there is one."""


class Text(FrozenStruct, frozen=True):
    """One varying text, as it is counted."""

    own: Own
    signature: int | None
    """The known template that its request is made from."""


def learn_text(texts: Texts, text: Text, now: float) -> bool:
    """Count one varying text; return False where it is the one before again, or empty."""
    own, signature = text.own, text.signature
    if own.constant & ~texts.constant:
        texts.constant |= own.constant
    if own.hash is None or own.hash == texts.last:
        return False
    texts.last = own.hash
    texts.fade(now)
    texts.add(Count.TEXTS)
    if own.kinds:
        _learn_kinds(texts, own.kinds, own.wording)
    if signature is not None:
        texts.add(Count.SIGNED)
        texts.signature = signature
    texts.turn_to(unpack(own.sketch) if own.sketch is not None else None)
    return True


def _learn_kinds(texts: Texts, kinds: int, wording: int) -> None:
    for ask, count in _KINDS:
        if kinds & ask:
            texts.add(count)
    if kinds & Intent.HIDDEN:
        texts.word(wording)


def learn_answer(texts: Texts, seen: Observation) -> None:
    """Count what a new text was answered with."""
    answer, cap = seen.answer, seen.sent.cap
    if answer.denied:
        texts.add(Count.REFUSED)
    tokens, output = answer.prompt_tokens, answer.completion_tokens
    if seen.sent.continues or tokens is None or output is None:
        return
    texts.add(Count.ANSWERED)
    if tokens <= _SHORT and output >= max(_LONG, _RATIO * tokens):
        texts.add(Count.EXPANDED)
    if cap is not None and cap >= _CAP and output >= _USED * cap:
        texts.add(Count.CAPPED)


assert TOPIC == 2 * _PLACES
_READ = decoder(_Written)
