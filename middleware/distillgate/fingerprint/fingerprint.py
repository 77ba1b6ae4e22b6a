"""The stage's product: what one request looks like, before anybody asks whose it is.

Cut into pieces before the decision, which asks for no more; read in full when the answer has left.
"""

from typing import NamedTuple

import xxhash
from cachetools import LRUCache
from pydantic import PositiveInt

from distillgate.fingerprint.asks import Ask, Asked, asks
from distillgate.fingerprint.conversation import (
    Answered,
    Conversation,
    answered,
    conversation,
)
from distillgate.fingerprint.parameters import Probe, probe, shape
from distillgate.fingerprint.segments import NOTHING, Cut, SegmentSettings, cut
from distillgate.fingerprint.signatures import Signatures
from distillgate.settings import Settings
from distillgate.wire.exchange import Outcome
from distillgate.wire.request import Request


class FingerprintSettings(Settings):
    """How requests are read."""

    segments: SegmentSettings = SegmentSettings()
    """How texts are cut into the pieces that may belong to a template."""
    cached_instructions: PositiveInt = 4096
    """System prompts whose pieces are kept, since most requests repeat one."""


class Pieces(NamedTuple):
    """The pieces of one request: what may tie it to others."""

    system: Cut
    turn: Cut
    constant: int
    """What the instructions ask for, in every request alike."""


class Fingerprint(NamedTuple):
    """One request: its pieces, what it asks for, its parameters. Gone when it is learned."""

    pieces: Pieces
    turns: int
    """User turns in the request, the newest included: more than one is a conversation."""
    shape: int
    probe: Probe | None
    asked: Asked
    """What the newest turn asks for."""
    signature: int | None
    """The known template it is made from, by its number in `templates.TEMPLATES`."""
    elicits: bool
    """Whether it asks for the reasoning to be written out, in the turn or in the instructions."""
    conversation: Conversation


class Fingerprinter:
    """Reads requests. `seed` keys every hash; the cache is bounded and holds no text."""

    def __init__(self, settings: FingerprintSettings, seed: int) -> None:
        self._settings = settings
        self._seed = seed
        self._systems: LRUCache[int, tuple[Cut, int]] = LRUCache(settings.cached_instructions)
        self._signatures = Signatures(settings.segments, seed)

    def cut(self, request: Request) -> Pieces:
        """Cut one request into pieces: its newest turn and the instructions."""
        system, constant = self._system(request.instructions)
        return Pieces(system, cut(request.newest, self._settings.segments, self._seed), constant)

    def read(self, request: Request, pieces: Pieces) -> Fingerprint:
        """Fingerprint one request that was cut into these pieces."""
        turn, asked = pieces.turn, asks(request.newest)
        return Fingerprint(
            pieces=pieces,
            turns=sum(m.role == "user" for m in request.messages),
            shape=self.hash(shape(request)),
            probe=probe(request, self.hash),
            asked=asked,
            signature=self._signatures.find(turn, pieces.system),
            elicits=(asked.kinds | pieces.constant) & Ask.REASONING != 0,
            conversation=conversation(request, turn, self._settings.segments, self._seed),
        )

    def answered(self, outcome: Outcome) -> Answered:
        """Give by what an answer is known again."""
        return answered(outcome, self._settings.segments, self._seed)

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
            bare = cut(text, self._settings.segments, self._seed)._replace(text=b"")
            known = self._systems[key] = bare, asks(text).kinds
        return known
