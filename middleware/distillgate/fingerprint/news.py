"""What of a request is new: the one place that decides which content counts.

Content is content wherever it stands. What counts of a request is everything in it that this
principal did not send before and that this service did not answer it, whatever the role, the place
in the conversation, or the field. A constant text therefore counts once, a history that is sent
again not at all, and an "answer" that was never given here counts as the words of whoever wrote it.
Nothing a client says about its own request (a role, a header, a place) enters.

The first request of an account is the exception: what stands beside its turns, its instructions and
tools, is taken for what it will always send. If it changes, it is content like the rest.
"""

import re
from collections.abc import Container, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import xxhash

from distillgate.errors import WireError
from distillgate.fingerprint.thread import Thread, thread
from distillgate.wire import document
from distillgate.wire.message import Message
from distillgate.wire.operation import Operation
from distillgate.wire.request import Request

MARKS = 48
"""New contents of one request that are remembered one by one; a longer history is remembered as a
whole, by its conversation."""

INPUTS = 64
"""New inputs of one request that are counted one by one."""

MOMENT = 120.0
"""Seconds: a request that failed and comes again within one or two of these is a retry."""

_ANSWER = 200
"""Characters by which an answer is known again; programs shorten and trim what they send back."""

_NAME = re.compile(r"[\w.:/+=-]{0,64}", re.ASCII)
"""A name, an id or a setting: no content, and often another one in each request."""

_STRINGS = 512
"""Texts read of one field."""

_LEVELS = 12

_AGAIN = 0x5851F42D4C957F2D
"""Makes the mark of an answer given the mark of one that came back."""

_SETTINGS = frozenset({
    "messages", "input", "prompt", "system", "instructions", "contents", "systemInstruction",
    "model", "user", "metadata", "safety_identifier", "prompt_cache_key", "previous_response_id",
    "logit_bias", "stream_options", "include", "modalities", "stop", "stop_sequences",
})  # fmt: skip
"""Fields that are read elsewhere, or that the model is not shown."""

_MANY = frozenset({Operation.COMPLETIONS, Operation.EMBEDDINGS, Operation.GEMINI_EMBED})
"""Calls whose messages are inputs of their own."""


class News(NamedTuple):
    """What of one request is new to its principal."""

    text: str
    """The new content, joined. Where nothing is new, the newest turn once more: a repeat."""
    inputs: tuple[str, ...]
    """The new inputs, where a request packs several; at most `INPUTS`."""
    texts: int
    """How many texts are new: 0 is a repeat, more than 1 are packed in one request."""
    marks: tuple[int, ...]
    """Keyed hashes by which all this is known from now on."""
    instructions: str
    """The instructions, where they are not content."""
    continues: bool
    """It goes on from an answer that was given here, and that did not come back before."""
    thread: Thread


class _Principal(NamedTuple):
    """Whose request it is, and what is known of it."""

    key: int
    known: Container[int]

    def mark(self, text: str) -> int:
        return xxhash.xxh3_64_intdigest(text.encode("utf-8", "surrogatepass"), self.key)

    def answer(self, text: str) -> int:
        return self.mark("answer\0" + text.strip()[:_ANSWER].strip())

    def state(self, conversation: int, purpose: bytes) -> int:
        return xxhash.xxh3_64_intdigest(purpose + conversation.to_bytes(8, "big"), self.key)


def news(request: Request, unit: int, known: Container[int], seed: int, *, settled: bool) -> News:
    """Return what of a request is new to the principal `unit`; `known` is what it sent before.

    `settled` says that the account has sent requests before, so that what it always sends is known.
    """
    principal = _Principal(key_of(unit, seed), known)
    talk = request.dialogue
    found = thread(talk, seed)
    fresh: dict[int, str] = {}
    noted: list[int] = []
    instructions = request.instructions
    for text in (instructions, *_fields(request.document, principal, noted)):
        if text and (mark := principal.mark(text)) not in known:
            (fresh.setdefault(mark, text) if settled else noted.append(mark))
    changed = bool(fresh) and next(iter(fresh.values())) == instructions
    continues = _turns(talk, found, principal, fresh, noted)
    packs = request.prompts > 1 or request.operation in _MANY
    many = packs and len(request.messages) > 1
    inputs = sorted(fresh)[:INPUTS] if many else []
    marks = [*fresh, *noted][-MARKS:] if not many else [*noted, *inputs]
    return News(
        text="\n".join(fresh.values()) if fresh else request.newest,
        inputs=tuple(fresh[mark] for mark in inputs),
        texts=len(fresh) if many else min(1, len(fresh)),
        marks=(*marks, principal.state(found.now, b"sent\0")),
        instructions="" if changed else instructions,
        continues=continues,
        thread=found,
    )


def key_of(unit: int, seed: int) -> int:
    """Return the key of a principal's hashes."""
    return (seed ^ unit) & 0xFFFFFFFFFFFFFFFF


def given(unit: int, seed: int, text: str | None, conversation: int) -> int:
    """Return the mark of an answer that a principal got: of its text, or of what it answered."""
    principal = _Principal(key_of(unit, seed), ())
    if text and text.strip():
        return principal.answer(text)
    return principal.state(conversation, b"answered\0")


def attempts(unit: int, seed: int, conversation: int, now: float) -> tuple[int, int]:
    """Return the marks of a request that failed at this time, and of one a moment before."""
    principal = _Principal(key_of(unit, seed), ())
    minutes = int(now // MOMENT)
    this, last = (b"failed %d\0" % minute for minute in (minutes, minutes - 1))
    return principal.state(conversation, this), principal.state(conversation, last)


def _turns(
    talk: Sequence[Message],
    found: Thread,
    principal: _Principal,
    fresh: dict[int, str],
    noted: list[int],
) -> bool:
    """Collect the turns that are new; return whether the newest answer came from here, anew."""
    known, skip = principal.known, 0
    if found.before is not None and principal.state(found.before, b"sent\0") in known:
        skip = found.start
    back = _Returns(principal)
    anew = False
    if found.before is not None:
        anew = back.anew(principal.state(found.before, b"answered\0"))
    for turn in talk[found.start : found.end]:
        anew = back.of(turn) or anew
    for place, turn in enumerate(talk):
        if not turn.text or (place < skip and turn.role != "system"):
            continue
        mark = principal.mark(turn.text)
        if mark in known or mark in fresh:
            continue
        if turn.role == "assistant":
            newest = place >= found.start
            # A call, or reasoning, came with an answer or in place of one.
            if (newest and anew and not _seen(turn)) or back.of(turn):
                noted.append(mark)
                continue
        fresh[mark] = turn.text
    noted += back.marks
    return anew


class _Returns:
    """The answers given here that come back in one request, each of them once.

    Whoever sends a real answer's beginning again, with words of its own behind it, has written it.
    """

    def __init__(self, principal: _Principal) -> None:
        self._principal = principal
        self._turns: set[int] = set()
        self.marks: set[int] = set()
        """By which they are known to have come back."""

    def of(self, turn: Message) -> bool:
        """Return whether a turn is an answer that comes back for the first time."""
        if id(turn) in self._turns:
            return True
        text = _seen(turn)
        found = bool(text) and self.anew(self._principal.answer(text))
        if found:
            self._turns.add(id(turn))
        return found

    def anew(self, mark: int) -> bool:
        """Return whether an answer with this mark was given, and did not come back yet."""
        again = mark ^ _AGAIN
        known = self._principal.known
        if mark not in known or again in known or again in self.marks:
            return False
        self.marks.add(again)
        return True


def _seen(turn: Message) -> str:
    return turn.text if turn.visible is None else turn.visible


def _fields(asked: Mapping[str, Any], principal: _Principal, noted: list[int]) -> Iterator[str]:
    """Yield the texts of the fields beside the turns that are not known as they are."""
    for name, value in asked.items():
        if name in _SETTINGS:
            continue
        if isinstance(value, str):
            if not _NAME.fullmatch(value):
                yield value
        elif isinstance(value, dict | list) and value:
            try:
                mark = xxhash.xxh3_64_intdigest(document.write(value), principal.key)
            except WireError:
                continue
            if mark not in principal.known:
                noted.append(mark)
                yield "\n".join(_strings(value))


def _strings(value: Any, levels: int = _LEVELS) -> Iterator[str]:
    """Yield the texts in a JSON value, in bounded work."""
    left = _STRINGS
    waiting = [(value, levels)]
    while waiting and left:
        item, depth = waiting.pop()
        left -= 1
        if isinstance(item, str):
            if not _NAME.fullmatch(item):
                yield item
        elif depth and isinstance(item, dict):
            waiting += [(one, depth - 1) for one in reversed(item.values())]
        elif depth and isinstance(item, list):
            waiting += [(one, depth - 1) for one in reversed(item)]
