"""Whose request it is: by what a principal's contents, and the answers it got, are known again."""

import math
from collections.abc import Container, Iterator, Mapping
from typing import Any

import xxhash

from distillgate.records import FrozenStruct
from distillgate.wire.exchange import Outcome
from distillgate.wire.message import Message

MOMENT = 120.0
"""Seconds: a request that failed and comes again within one or two of these is a retry."""

ANSWER = 200
"""Characters by which an answer is known again; programs shorten and trim what they send back."""
_WHOLE = 2000
"""Characters of an answer that are compared where more of it comes back than that."""

_STEP = 1.25
"""Steps in which an answer's length is remembered, and what writing it another way may add."""
_SPARE = 32
_STEPS = 80
"""Steps up to 50 million characters, which is any length."""
_CHARS_PER_TOKEN = 6
"""Characters that a token stands for at most, where only tokens are known."""

_AGAIN = 0x5851F42D4C957F2D
"""Makes the mark of an answer given the mark of one that came back."""
_LONGER, _MARK = 0x9E3779B97F4A7C15, (1 << 64) - 1
"""Makes the mark of an answer that of one a step longer: of a turn nobody gave, all are asked."""


class Principal(FrozenStruct, frozen=True):
    """Whose request it is, and what is known of it."""

    key: int
    known: Container[int]

    def mark(self, text: str) -> int:
        """Return the mark of a text."""
        return xxhash.xxh3_64_intdigest(text.encode("utf-8", "surrogatepass"), self.key)

    def payload(self, hashed: int) -> int:
        """Return the mark of what is no text; `hashed` is its hash for every principal."""
        return self.state(hashed, b"payload\0")

    def seal(self, seal: str) -> int:
        """Return the mark of a name that an answer, or its sealed reasoning, goes by."""
        return self.mark("seal\0" + seal)

    def answer(self, text: str) -> int:
        """Return the mark of an answer's text."""
        return self.mark("answer\0" + text.strip()[:ANSWER].strip())

    def whole(self, text: str) -> int:
        """Return the mark of an answer that comes back as it was."""
        return self.mark("whole\0" + text.strip()[:_WHOLE].strip())

    def state(self, hashed: int, purpose: bytes) -> int:
        """Return the mark of a hash, for one purpose."""
        return xxhash.xxh3_64_intdigest(purpose + hashed.to_bytes(8, "big"), self.key)


def key_of(who: int, seed: int) -> int:
    """Return the key of a principal's hashes."""
    return (seed ^ who) & 0xFFFFFFFFFFFFFFFF


def given(who: int, seed: int, outcome: Outcome, conversation: int) -> tuple[int, ...]:
    """Return the marks of an answer that a principal got.

    Of its text, or of what it answered; and of all by which it may be referred to.
    """
    principal = Principal(key_of(who, seed), ())
    text = (outcome.text or "").strip()
    names = (*outcome.references, outcome.id) if outcome.id else outcome.references
    said = principal.answer(text) if text else principal.state(conversation, b"answered\0")
    known = [_sized(said, _length(outcome))]
    if len(text) > ANSWER:
        known.append(principal.whole(text))
    return (*known, *map(principal.seal, names))


def _length(outcome: Outcome) -> int:
    """Return the step of the longest that may come back of an answer; the last of any length."""
    chars = outcome.answer_chars + outcome.answer_carried
    if not chars and outcome.completion_tokens is not None:
        chars = max(_CHARS_PER_TOKEN * outcome.completion_tokens, len(outcome.text or ""))
    return _STEPS if outcome.missed or not chars else _step(_STEP * chars + _SPARE)


def _sized(mark: int, step: int) -> int:
    """Return the mark of an answer of this length."""
    return (mark + step * _LONGER) & _MARK


def _step(chars: float) -> int:
    return min(_STEPS, math.ceil(math.log(chars + 1, _STEP)))


def attempts(who: int, seed: int, conversation: int, now: float) -> tuple[int, int]:
    """Return the marks of a request that failed at this time, and of one a moment before."""
    principal = Principal(key_of(who, seed), ())
    minutes = int(now // MOMENT)
    this, last = (b"failed %d\0" % minute for minute in (minutes, minutes - 1))
    return principal.state(conversation, this), principal.state(conversation, last)


def answers_named(asked: Mapping[str, Any]) -> Iterator[str]:
    """Yield the names of the answers that a request goes on from without sending them again."""
    for field in ("previous_response_id", "previous_interaction_id"):
        name = asked.get(field)
        if type(name) is str and name:
            yield name


class Returns:
    """The answers given here that come back in one request, each of them once.

    Whoever sends a real answer's beginning again, with words of its own behind it, has written
    those; so has whoever sends calls or reasoning with it that are longer than the answer was.
    """

    def __init__(self, principal: Principal) -> None:
        self.principal = principal
        self._turns: set[int] = set()
        self.marks: set[int] = set()
        """By which they are known to have come back."""

    def of(self, turn: Message, size: int) -> bool:
        """Return whether a turn is an answer that comes back for the first time.

        `size` is how long all is that comes back of it.
        """
        if id(turn) in self._turns:
            return True
        text = seen_text(turn)
        found = bool(text) and self.answer(self.principal.answer(text), size)
        if found:
            self._turns.add(id(turn))
        return found

    def answer(self, mark: int, size: int) -> bool:
        """Return whether an answer with this mark, and at least so long, came back anew."""
        steps = range(_step(size), _STEPS + 1)
        return any(self.anew(_sized(mark, step)) for step in steps)

    def added(self, turn: Message) -> str:
        """Return what somebody has written behind the beginning of an answer."""
        text = seen_text(turn).strip()
        if len(text) <= ANSWER or self.principal.whole(text) in self.principal.known:
            return ""
        return text[ANSWER:]

    def anew(self, mark: int) -> bool:
        """Return whether an answer with this mark was given, and did not come back yet."""
        again = mark ^ _AGAIN
        known = self.principal.known
        if mark not in known or again in known or again in self.marks:
            return False
        self.marks.add(again)
        return True


def seen_text(turn: Message) -> str:
    """Return what of an assistant's turn its user saw."""
    return turn.text if turn.visible is None else turn.visible
