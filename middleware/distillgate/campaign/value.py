"""What a group's accounts took, in value tokens: what it brings whoever trains on it.

Output tokens, weighed by how new the work is to the group: the share of word 3-grams that it has
not sent before, never less than `_LEAST`; less where an answer was drawn from the same prompt
again, and where a person goes on from an answer. What is taken fades with the long memory.
The weights are measured on worlds of 598 companies and all kinds of campaigns (docs/detection.md).
"""

from distillgate.account.account import Packed
from distillgate.account.distinct import Distinct
from distillgate.account.windows import DAY, faded
from distillgate.fingerprint.intents import Intent
from distillgate.fingerprint.observation import Observation
from distillgate.records import Record

_EMBEDDED, _INPUTS = 100.0, 16
"""Tokens that an embedded input counts as, and inputs of one call that count."""
_PROBED = 300.0
"""Tokens that a call which reads probabilities under a bias counts as, at least."""
_LEAST = 0.3
"""Weight of an answer to what was all sent before by others of the group."""
_REPEATED = 0.5
"""Weight of another answer to the same prompt of one account."""
_RESAMPLED = 8.0
"""Answers a prompt, on average, from which these two weigh the less, the more there are: sampling
gains little by then, while monitors ask the same for months and classes work on one sheet."""
_REPLYING = 0.5
"""Weight of an answer in a conversation that a person goes on with."""
_HALF_LIFE = 45 * DAY
"""A slow campaign is weeks long (45 days in one disclosure)."""
_SAMPLE = 128
"""3-grams sampled a group (8 bytes each)."""
_FADES = 1 - 1 / 64
"""What is left of the share of new ones with each that is sampled."""


class Value(Record):
    """What a group's accounts took, and a sample of what they said."""

    _grams: bytes
    taken: float = 0.0
    """Value tokens, as they had faded at `at`."""
    squares: float = 0.0
    """The sum of their squares, of each answer."""
    at: float = 0.0
    new: float = 0.0
    """Tokens that were answered to the latest sampled 3-grams, where they were new..."""
    seen: float = 0.0
    """...and in all. What was hardly answered makes nothing else look known."""

    grams = Packed(Distinct)

    @classmethod
    def none(cls) -> "Value":
        """Return the value of what nothing was taken by."""
        return cls(bytes(Distinct.of(_SAMPLE)))

    def count(self, seen: Observation, resent: float, now: float) -> float:
        """Count one answer; return the value tokens it came to.

        `resent` is how often its principal, or the group, sends a text, on average.
        """
        amount = answered(seen)
        worth, often = seen.sent.worth, min(1.0, _RESAMPLED / max(1.0, resent))
        if worth.repeats and not seen.retry:
            amount *= 0.0 if worth.certain else _REPEATED * often
        else:
            amount *= max(_LEAST * often, self._novelty(seen, amount))
            if (
                worth.replies
                and seen.own.hash is not None
                and not seen.own.kinds & Intent.REASONING
            ):
                amount *= _REPLYING
        self.taken = faded(self.taken, now - self.at, _HALF_LIFE) + amount
        self.squares = faded(self.squares, now - self.at, _HALF_LIFE) + amount * amount
        self.at = max(self.at, now)
        return amount

    @property
    def size(self) -> float:
        """The answer that a token taken is mostly part of, in value tokens.

        Weighted by size: an actor cannot make its answers look small with others that are empty.
        """
        return self.squares / self.taken if self.taken else 0.0

    def absorb(self, other: "Value", now: float) -> None:
        """Add what another group took."""
        for name in ("taken", "squares"):
            both = sum(faded(getattr(one, name), now - one.at, _HALF_LIFE) for one in (self, other))
            setattr(self, name, both)
        self.at = max(self.at, now)
        for gram in other.grams.values:
            self.grams = self.grams.add(gram)

    def _novelty(self, seen: Observation, tokens: float) -> float:
        """Learn what is said, and return the share of it that is new to the group, lately."""
        if not seen.sent.worth.repeats and not seen.retry:
            grams = self.grams
            largest = grams.largest
            for gram in _sampled(seen):
                if gram > largest or (place := grams.place(gram)) is None:
                    continue
                self.new, self.seen = self.new * _FADES, self.seen * _FADES + tokens
                if not place[1]:
                    self.new += tokens
                    grams = grams.insert(place[0], gram)
                    largest = grams.largest
            self.grams = grams
        return self.new / self.seen if self.seen else 1.0


def answered(seen: Observation) -> float:
    """Return the output tokens of an answer, or what stands for them."""
    if not seen.answer.given:
        return 0.0
    if seen.sent.worth.embeds:
        return _EMBEDDED * min(_INPUTS, seen.inputs)
    return max(float(seen.answer.output_tokens), _PROBED if seen.sent.worth.probes else 0.0)


def _sampled(seen: Observation) -> list[int]:
    grams = b"".join(one.grams for one in (seen.own, *seen.more))
    return list(memoryview(grams).cast("Q"))
