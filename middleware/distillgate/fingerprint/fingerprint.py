"""The stage's product: what one request looks like, before anybody asks whose it is.

Cut into pieces before the decision, which asks for no more; read in full when the answer has left.
"""

from collections.abc import Container, Iterator, Sequence

import xxhash
from cachetools import LRUCache
from msgspec.structs import replace

from distillgate.fingerprint.conversation import (
    Answered,
    Conversation,
    answered,
    conversation,
)
from distillgate.fingerprint.intents import Intent, Intents, intents
from distillgate.fingerprint.news import News, news
from distillgate.fingerprint.parameters import Probe, probe, shape
from distillgate.fingerprint.principal import attempts, given, key_of
from distillgate.fingerprint.segments import NOTHING, Cut, Known, SegmentSettings, common, cut
from distillgate.fingerprint.signatures import Signatures
from distillgate.records import FrozenStruct
from distillgate.wire.exchange import Outcome
from distillgate.wire.request import Request

_READ_INPUTS, _READ_LEAST, _READ_CHARS = 32, 8, 16_384
"""New inputs of one request that are read, at most and at least, and the characters after which no
more are: 2 ms of work. The others are counted by their hashes. Of 64 prompts each of 35 requests,
8 told a dealt list from people's with 0.6 nats, 16 with 3, 32 with 5."""


_SEGMENTS = SegmentSettings()
_CACHED_INSTRUCTIONS = 4096
"""System prompts whose pieces are kept, since most requests repeat one."""


class Pieces(FrozenStruct, frozen=True):
    """The pieces of one request: what may tie it to others."""

    system: Cut
    turn: Cut
    """What is new of it."""
    constant: int
    """What the instructions ask for, in every request alike."""
    inputs: tuple[Cut, ...]
    """Of a request that packs several inputs, some of the new ones, drawn by their hashes."""
    news: News


class Fingerprint(FrozenStruct, frozen=True):
    """One request: its pieces, what it asks for, its parameters. Gone when it is learned."""

    pieces: Pieces
    shape: int
    probe: Probe | None
    asked: Intents
    """What the newest turn asks for."""
    signature: int | None
    """The known template it is made from, by its number in `templates.TEMPLATES`."""
    elicits: bool
    """Whether it asks for the reasoning to be written out, in the turn or in the instructions."""
    conversation: Conversation


class Fingerprinter:
    """Reads requests. `seed` keys every hash; the cache is bounded and holds no text."""

    def __init__(self, seed: int, cached_instructions: int = _CACHED_INSTRUCTIONS) -> None:
        self._seed = seed
        self._systems: LRUCache[int, tuple[Cut, int]] = LRUCache(cached_instructions)
        self._signatures = Signatures(_SEGMENTS, seed)

    def cut(
        self, request: Request, principal: int, known: Container[int], *, settled: bool
    ) -> Pieces:
        """Cut one request of a principal into pieces: the instructions, and what is new.

        `known` has what the principal sent before; `settled` says that its account has.
        """
        found = news(request, principal, known, self._seed, settled=settled)
        system, constant = self._system(found.instructions)
        before = Known(known, key_of(principal, self._seed))
        inputs = tuple(cut(text, _SEGMENTS, self._seed, before) for text in _read(found.inputs))
        turn = cut(found.text, _SEGMENTS, self._seed, before)
        if inputs:  # what they share is their template, whatever was drawn of them all
            turn = replace(turn, hashes=(*turn.hashes, *sorted(common(inputs))))
        elif found.payloads and not turn.hashes and (text := turn.text.strip()):
            # Too short to be a template of what varies beside it, it is one of what is no text.
            hashes = (self.hash(b"beside a payload\0" + text.lower()),)
            turn = replace(turn, spans=((0, len(turn.text)),), hashes=hashes)
        return Pieces(system, turn, constant, inputs, found)

    def read(self, request: Request, pieces: Pieces) -> Fingerprint:
        """Fingerprint one request that was cut into these pieces."""
        turn, found = pieces.turn, pieces.news
        asked = intents(turn.text.decode("utf-8", "replace"))
        return Fingerprint(
            pieces=pieces,
            shape=self.hash(shape(request)),
            probe=probe(request, self.hash),
            asked=asked,
            signature=self._signatures.find(turn, pieces.system),
            elicits=(asked.kinds | pieces.constant) & Intent.REASONING != 0,
            conversation=conversation(request, turn, found.thread, _SEGMENTS, self._seed),
        )

    def answered(self, outcome: Outcome) -> Answered:
        """Return by what an answer is known again."""
        return answered(outcome, _SEGMENTS, self._seed)

    def known(
        self, principal: int, pieces: Pieces, outcome: Outcome, now: float
    ) -> tuple[int, ...]:
        """Return the marks by which a principal's request, and its answer, are known afterwards."""
        found = pieces.news
        marks = (*found.marks, *pieces.turn.marks)
        if 200 <= outcome.status < 300:
            return (*marks, *given(principal, self._seed, outcome, found.thread.now))
        return (*marks, attempts(principal, self._seed, found.thread.now, now)[0])

    def retries(self, principal: int, pieces: Pieces, known: Container[int], now: float) -> bool:
        """Return whether a request has nothing new in it and failed a moment ago."""
        found = pieces.news
        if found.texts:
            return False
        return any(mark in known for mark in attempts(principal, self._seed, found.thread.now, now))

    def hash(self, text: str | bytes) -> int:
        """Hash a text with this fingerprinter's key, to 64 bits."""
        if isinstance(text, str):
            text = text.encode("utf-8", "surrogatepass")
        return xxhash.xxh3_64_intdigest(text, self._seed)

    def _system(self, text: str) -> tuple[Cut, int]:
        if not text:
            return NOTHING, 0
        key = self.hash(text)
        known = self._systems.get(key)
        if known is None:
            # System prompts are template or not; their words are never sketched, so none is kept.
            bare = replace(cut(text, _SEGMENTS, self._seed), text=b"")
            known = self._systems[key] = bare, intents(text).kinds
        return known


def _read(inputs: Sequence[str]) -> Iterator[str]:
    """Yield those of a request's inputs that are read."""
    left = _READ_CHARS
    for number, text in enumerate(inputs[:_READ_INPUTS]):
        if left <= 0 and number >= _READ_LEAST:
            return
        left -= len(text)
        yield text
