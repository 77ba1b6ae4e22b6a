"""A conversation as hashes: what came before, what stands now, which answers it carries."""

from typing import NamedTuple

import xxhash

from distillgate.fingerprint.segments import Cut, SegmentSettings, cut
from distillgate.wire.request import Request

_ANSWER_CHARS = 1500
_TELLING = 60
"""Length from which a sentence is unlikely to be written twice by chance."""
_MARKS = 8
"""Sentences by which an answer is known again."""


class Conversation(NamedTuple):
    """Keyed hashes of one request's conversation; instructions are left out, relays change them."""

    before: int | None
    """The conversation as the request before this one carried it, if that held an answer."""
    now: int
    """The conversation as this request carries it."""
    telling: bool
    """Long enough that two people hardly send it by chance ("hello" is not)."""
    carried: tuple[int, ...]
    """Telling sentences of the newest turn and of the answer before it."""


def conversation(request: Request, turn: Cut, settings: SegmentSettings, seed: int) -> Conversation:
    """Read a request's conversation."""
    messages = [m for m in request.messages if m.role != "system"]
    last = max((i for i, m in enumerate(messages) if m.role == "assistant"), default=-1)
    running = xxhash.xxh3_64(seed=seed)
    before = None
    answered = False
    size = 0
    for i, message in enumerate(messages):
        if i == last and answered:
            before = running.intdigest()
        answered |= message.role == "assistant"
        size += len(message.text)
        running.update(f"{message.role}\n{message.text}\n".encode("utf-8", "surrogatepass"))
    carried = turn.longer(_TELLING)
    if last >= 0:
        carried += cut(messages[last].text[:_ANSWER_CHARS], settings, seed).longer(_TELLING)
    return Conversation(before, running.intdigest(), size >= _TELLING, tuple(carried))


def marks(answer: str, settings: SegmentSettings, seed: int) -> tuple[int, ...]:
    """Give the sentences by which an answer is known again: always the same few of it."""
    return tuple(sorted(cut(answer[:_ANSWER_CHARS], settings, seed).longer(_TELLING))[:_MARKS])
