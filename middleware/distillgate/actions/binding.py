"""Reasoning binding: sealed reasoning is good for who got it, where it was said.

A service hands out reasoning sealed (signed or encrypted), so that its client can send it back and
the model goes on. Sent back by another account, or after another question, it is a way to have
hidden reasoning turned into text (the cross-session replay). What is remembered of a seal is a
keyed hash of it, whose it is, and a hash of the turn it followed; bounded, and for a while.
"""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import Any, Literal, NamedTuple

from pydantic import PositiveInt

from distillgate.actions.draft import Draft
from distillgate.durable.changed import Lookup
from distillgate.fingerprint.observation import Handed
from distillgate.settings import Positive, Settings
from distillgate.wire.exchange import Outcome
from distillgate.wire.fields import mapping, sequence
from distillgate.wire.reference import handed_out
from distillgate.wire.request import Request

Answer = Literal["off", "observe", "strip", "refuse"]
Breach = Literal["account", "context"]

_HOUR = 3600.0
_HOLDERS = ("content", "reasoning_details")
"""Where a turn keeps its parts."""


class BindingSettings(Settings):
    """What becomes of sealed reasoning that comes back where it does not belong."""

    account: Answer = "off"
    """From another account or organisation: forget about it, count it, take it out, or answer 403.
    A gateway that spreads one customer over several undeclared keys does this too."""
    context: Answer = "off"
    """After another turn than the one it was said after. Clients that edit their history, such as
    by clearing old tool results, do this too."""
    hours: Positive = 168.0
    """How long a seal is remembered; an older one belongs to nobody."""
    max_references: PositiveInt = 100_000
    """Seals remembered, at about 250 bytes each; the oldest go first. Unknown ones pass: they may
    be from before a restart, or from another provider of the same model."""


class Replay(NamedTuple):
    """Seals of a request that belong elsewhere."""

    breach: Breach
    answer: Answer
    seals: frozenset[str]


class Bound(NamedTuple):
    """Whose a seal is, after which turn it was given, and when."""

    unit: int
    turn: int
    at: float


class Bindings:
    """Whose each seal is. Remembers nothing as long as every answer is `off`."""

    __slots__ = ("_bound", "_key", "kept")

    def __init__(self, secret: bytes) -> None:
        self._key = secret[:64]
        self._bound: OrderedDict[int, Bound] = OrderedDict()
        self.kept = Lookup(self._bound)
        """The seals, as records."""

    def __len__(self) -> int:
        """Count the seals that are remembered."""
        return len(self._bound)

    def handed(
        self, request: Request, outcome: Outcome, settings: BindingSettings
    ) -> Handed | None:
        """Read which seals an answer handed out, after which turn; None where nobody asks."""
        if not outcome.references or settings.account == settings.context == "off":
            return None
        turn = self._turn(request, len(request.messages))
        return Handed(turn, tuple(map(self._hash, outcome.references)))

    def bind(self, handed: Handed, unit: int, now: float, settings: BindingSettings) -> None:
        """Remember whose the seals of an answer are; the first to get one has it."""
        for key in handed.seals:
            self._bound.setdefault(key, Bound(unit, handed.turn, now))
            self.kept.changed.add(key)
        while len(self._bound) > settings.max_references:
            self.kept.changed.add(self._bound.popitem(last=False)[0])

    def replay(
        self, request: Request, unit: int, now: float, settings: BindingSettings
    ) -> Replay | None:
        """Find the seals of a request that belong to others, or else those that stand elsewhere."""
        if not self._bound:
            return None
        foreign, moved = set(), set()
        for index, seal in request.references:
            known = self._bound.get(self._hash(seal))
            if known is None or now - known.at > settings.hours * _HOUR:
                continue
            if known.unit != unit:
                foreign.add(seal)
            elif known.turn != self._turn(request, index):
                moved.add(seal)
        if foreign and settings.account != "off":
            return Replay("account", settings.account, frozenset(foreign))
        if moved and settings.context != "off":
            return Replay("context", settings.context, frozenset(moved))
        return None

    def _turn(self, request: Request, end: int) -> int:
        """Hash the turn that an assistant's turn answers: the last before it of somebody else."""
        for message in reversed(request.messages[:end]):
            if message.role != "assistant":
                return self._hash(f"{message.role}\x1f{message.text}")
        return 0

    def _hash(self, text: str) -> int:
        data = text.encode("utf-8", "surrogatepass")
        return int.from_bytes(blake2b(data, key=self._key, digest_size=8).digest())


def strip(draft: Draft, seals: frozenset[str]) -> None:
    """Take sealed reasoning out of a request; a turn that was nothing else goes with it."""
    for name in ("messages", "input"):
        items = draft.document.get(name)
        if isinstance(items, list):
            draft.document[name] = list(_without(items, seals))
    draft.say("reasoning replay")


def _without(items: Iterable[Any], seals: frozenset[str]) -> Iterable[Any]:
    for item in items:
        if not seals.isdisjoint(handed_out(item)):
            continue
        left = _turn_without(mapping(item), seals)
        if left is None:
            yield item
        elif left.get("content") or left.get("tool_calls"):
            yield left


def _turn_without(turn: Mapping[str, Any], seals: frozenset[str]) -> dict[str, Any] | None:
    changed: dict[str, Any] = {}
    for name in _HOLDERS:
        parts = sequence(turn.get(name))
        kept = [part for part in parts if seals.isdisjoint(handed_out(part))]
        if len(kept) < len(parts):
            changed[name] = kept
    return {**turn, **changed} if changed else None
