"""Reasoning binding: sealed reasoning is good for who got it, where it was said.

A service hands out reasoning sealed (signed or encrypted), so that its client can send it back and
the model goes on. Sent back by another account, or after another question, it is a way to have
hidden reasoning turned into text (the cross-session replay). What is remembered of a seal is a
keyed hash of it, whose it is, and a hash of the turn it followed; bounded, and for a while.
"""

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from hashlib import blake2b
from typing import Any, Literal, NamedTuple

from pydantic import PositiveInt

from distillgate.actions.draft import Draft
from distillgate.fingerprint.observation import Handed
from distillgate.records import FrozenRecord, batched, decoder, encode
from distillgate.settings import Positive, Settings
from distillgate.wire.edit import Value
from distillgate.wire.exchange import Outcome
from distillgate.wire.fields import mapping
from distillgate.wire.reference import handed_out
from distillgate.wire.request import Request

Answer = Literal["off", "observe", "strip", "refuse"]
Breach = Literal["account", "context"]

_HOUR = 3600.0
_HOLDERS = ("content", "reasoning_details")
"""Where a turn keeps its parts."""
_LEFT = ("content", "tool_calls")
"""What makes a turn more than its reasoning."""


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


class Bound(FrozenRecord, frozen=True):
    """Whose a seal is, after which turn it was given, and when."""

    unit: int
    turn: int
    at: float


class Bindings:
    """Whose each seal is. Remembers nothing as long as every answer is `off`."""

    __slots__ = ("_bound", "_key")

    def __init__(self, secret: bytes) -> None:
        self._key = secret[:64]
        self._bound: OrderedDict[int, Bound] = OrderedDict()

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
        while len(self._bound) > settings.max_references:
            self._bound.popitem(last=False)

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

    def dump(self) -> Iterator[bytes]:
        """Write all seals, the oldest first."""
        return map(encode, batched(self._bound.items()))

    def load(self, piece: bytes) -> None:
        """Read a piece of what `dump` wrote."""
        self._bound.update(_READ(piece))

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
    """Take sealed reasoning out of a request; a turn that was nothing else goes with it.

    OpenAI refuses an output item whose id it knows to follow such reasoning: those lose their ids.
    """
    for name in ("messages", "input"):
        for turns in draft.at(name):
            items, follows = turns.items(), False
            kept = []
            for item in items:
                turn = mapping(item.value.read())
                if not seals.isdisjoint(handed_out(turn)):
                    follows = True
                    continue
                follows = follows and _is_output(turn)
                if follows:
                    item.value.remove("id")
                if _holds_more(item.value, seals):
                    kept.append(item)
            items[:] = kept
    draft.taken.add("sealed")
    draft.say("reasoning replay")


def _is_output(item: Mapping[str, Any]) -> bool:
    kind = str(item.get("type"))
    return item.get("role") == "assistant" or (kind != "message" and kind.endswith("_call"))


def _holds_more(turn: Value, seals: frozenset[str]) -> bool:
    """Take seals out of a turn; return whether anything is left of it."""
    changed = False
    for name in _HOLDERS:
        for parts in turn.members(name):
            items = parts.items()
            kept = [p for p in items if seals.isdisjoint(handed_out(p.value.read()))]
            changed |= len(kept) < len(items)
            items[:] = kept
    return not changed or any(v.read() for name in _LEFT for v in turn.members(name))


_READ = decoder(list[tuple[int, Bound]])
