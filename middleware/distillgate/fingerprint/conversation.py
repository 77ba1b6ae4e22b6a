"""A conversation as hashes: what came before, what stands now, which answers it carries."""

from collections.abc import Iterable, Sequence

import xxhash

from distillgate.fingerprint.segments import Cut, SegmentSettings, longer
from distillgate.fingerprint.thread import TELLING, Thread
from distillgate.records import FrozenRecord
from distillgate.wire.exchange import Outcome
from distillgate.wire.request import Message, Request

_ANSWER_CHARS = 1500
_SEALS = 16
"""References looked up of one request; an agent's history has hundreds, all its own."""
_MARKS = 8
"""Sentences by which an answer is known again."""


class Conversation(FrozenRecord, frozen=True):
    """Keyed hashes of one request's conversation; instructions are left out, relays change them."""

    before: int | None
    """The conversation as the request before this one carried it, if that was telling."""
    now: int
    """The conversation as this request carries it."""
    telling: bool
    """Long enough that two people hardly send it by chance ("hello" is not)."""
    carried: tuple[int, ...]
    """Telling sentences of the newest turn and of the answer before it."""
    sealed: tuple[int, ...] = ()
    """The newest of the references to reasoning that it carries."""
    opening: int = 0
    """The first turn of the user's: with it the conversation began."""
    goes_on: bool = False
    """An answer stands after it: this request goes on."""
    previous: int = 0
    """As `before`, telling or not; 0 of the first request."""


class Answered(FrozenRecord, frozen=True):
    """By what an answer is known again: keyed hashes."""

    marks: tuple[int, ...] = ()
    """Of telling sentences."""
    sealed: tuple[int, ...] = ()
    """Of the references to its reasoning."""


def conversation(
    request: Request, turn: Cut, found: Thread, settings: SegmentSettings, seed: int
) -> Conversation:
    """Read a request's conversation, followed as `found`."""
    talk = request.dialogue
    carried = turn.longer(TELLING)
    if found.end:
        newest = talk[found.end - 1].text[:_ANSWER_CHARS]
        carried += longer(newest, TELLING, settings, seed)
    seals = [seal for _, seal in request.references][-_SEALS:]
    opening, goes_on = _opening(talk, found.end, seed)
    return Conversation(
        found.before if found.tells else None,
        found.now,
        found.telling,
        tuple(carried),
        _sealed(seals, seed),
        opening,
        goes_on,
        found.before or 0,
    )


def answered(outcome: Outcome, settings: SegmentSettings, seed: int) -> Answered:
    """Read by what an answer will be known again."""
    said = marks(outcome.text, settings, seed) if outcome.text else ()
    return Answered(said, _sealed(outcome.references, seed))


def _sealed(seals: Iterable[str], seed: int) -> tuple[int, ...]:
    return tuple(_hash(seal, seed) for seal in seals)


def _opening(messages: Sequence[Message], end: int, seed: int) -> tuple[int, bool]:
    """Return the hash of the first user turn, and whether an answer comes after it."""
    first = next((i for i, m in enumerate(messages) if m.role == "user"), None)
    if first is None:
        return 0, False
    return _hash(messages[first].text, seed), end > first


def _hash(text: str, seed: int) -> int:
    return xxhash.xxh3_64_intdigest(_bytes(text), seed)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def marks(answer: str, settings: SegmentSettings, seed: int) -> tuple[int, ...]:
    """Return the sentences by which an answer is known again: always the same few of it."""
    return tuple(sorted(longer(answer[:_ANSWER_CHARS], TELLING, settings, seed))[:_MARKS])
