"""Reasoning binding: sealed reasoning is good for who got it, where it was said, from that model.

A service hands out reasoning sealed (signed or encrypted), so that its client can send it back and
the model goes on. Sent back by another account, or after another question, it is a way to have
hidden reasoning turned into text (the cross-session replay); sent to a weaker sibling of the model
that thought it, the sibling tells what the model itself would not. What is remembered of a seal is
a keyed hash of it, whose it is, hashes of its turn and instructions, and its model; bounded.
"""

import re
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from functools import lru_cache
from hashlib import blake2b
from typing import Any, ClassVar, Literal, NamedTuple, get_args

from distillgate.actions.draft import Draft
from distillgate.fingerprint.observation import Handed
from distillgate.records import FrozenRecord, batched, decoder, encode
from distillgate.settings import Settings
from distillgate.wire.edit import Value
from distillgate.wire.exchange import Outcome
from distillgate.wire.fields import mapping
from distillgate.wire.message import Message
from distillgate.wire.reference import handed_out
from distillgate.wire.request import Request

Answer = Literal["off", "observe", "strip", "refuse"]
"""Mildest first."""
Breach = Literal["account", "context", "model"]
"""Of several that are answered alike, the first is told."""

_ANSWERS: tuple[Answer, ...] = get_args(Answer)
_BREACHES: tuple[Breach, ...] = get_args(Breach)
_HOUR = 3600.0
_HOLDERS = ("content", "reasoning_details")
"""Where a turn keeps its parts."""
_LEFT = ("content", "tool_calls")
"""What makes a turn more than its reasoning."""
_NAME = 128
"""Characters of a model's name that are remembered."""
_MONTH, _DAY = "(?:0[1-9]|1[0-2])", "(?:0[1-9]|[12][0-9]|3[01])"
_DATED = re.compile(
    rf"[-@](?:20[0-9]{{2}}-?{_MONTH}-?{_DAY}|{_MONTH}-?{_DAY}|2[0-9]{_MONTH}|latest)"
    r"(?:-v[0-9]+(?::[0-9]+)?)?$"
)
"""A release's date at the end of a model's name: -20250514, @20250514, -2024-12-17, -0613, -06-05,
-2411 (year and month), -20250514-v1:0."""
_NUMBERS = b"0123456789abcdefABCDEF"
"""Deleted from instructions before they are compared: clocks, counters and hexadecimal ids in them
change with every request, as in the first line of Claude Code's."""


class BindingSettings(Settings):
    """What becomes of sealed reasoning that comes back where it does not belong.

    `off` forgets about it, `observe` counts it, `strip` takes it out of the request, `refuse`
    answers 403.
    """

    account: Answer = "observe"
    """From another account or organisation. A gateway that spreads one customer over several
    undeclared keys does this too."""
    context: Answer = "observe"
    """After another turn, or under other instructions, than those it was said after. Clients that
    edit their history, such as by clearing old tool results, do this too."""
    model: Answer = "observe"
    """To a model of another family than the one that thought it. People who change the model in
    the middle of a session, and routers that fail over, do this too; `strip` does to them what the
    APIs do themselves."""
    families: dict[str, str] = {}
    """Names of one model, as a pattern (`*`, `?`) and the family that it stands for; the first
    pattern that matches counts. Not for siblings: within a family reasoning passes. A name that no
    pattern matches is a family of its own, without the date at its end."""
    hours: ClassVar[float] = 168.0
    """How long a seal is remembered; an older one belongs to nobody."""
    max_references: ClassVar[int] = 100_000
    """Seals remembered, at about 420 bytes each; the oldest go first. Unknown ones pass: they may
    be from before a restart, or from another provider of the same model."""

    def answer(self, breach: Breach) -> Answer:
        """Return what becomes of a breach."""
        found: Answer = getattr(self, breach)
        return found

    @property
    def asked(self) -> bool:
        """Return whether anything is to be remembered."""
        return any(self.answer(breach) != "off" for breach in _BREACHES)

    def family(self, model: str) -> str:
        """Return the family of a model, by its name."""
        return _family(model, tuple(self.families.items()))


@lru_cache(4096)
def _family(model: str, families: tuple[tuple[str, str], ...]) -> str:
    name = model.lower()
    for pattern, family in families:
        if fnmatchcase(name, pattern.lower()):
            return family.lower()
    return _DATED.sub("", name)


class Replay(NamedTuple):
    """Seals of a request that belong elsewhere."""

    breach: Breach
    """The one that is answered hardest."""
    answer: Answer
    seals: frozenset[str]
    """Those of all breaches that are not only observed, or else of this one."""


class Bound(FrozenRecord, frozen=True):
    """Whose a seal is, after what it was given, when, and by which model."""

    principal: int
    turn: int
    at: float
    instructions: int = 0
    """0 is not known."""
    asked: str = ""
    """The model that was asked for; empty where it is not known..."""
    answered: str = ""
    """...and the one that answered: a name may stand for another, and both are its own."""


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
        """Read which seals an answer handed out, after what; None where nobody asks."""
        if not outcome.references or not settings.asked:
            return None
        turn, instructions = _Before(request.messages, self._hash).at(len(request.messages))
        seals = tuple(map(self._hash, outcome.references))
        asked, answered = request.model[:_NAME], (outcome.model or "")[:_NAME]
        return Handed(turn, seals, instructions, asked, "" if answered == asked else answered)

    def bind(self, handed: Handed, principal: int, now: float, settings: BindingSettings) -> None:
        """Remember whose the seals of an answer are; the first to get one has it."""
        known = handed.instructions, handed.asked, handed.answered
        bound = Bound(principal, handed.turn, now, *known)
        for key in handed.seals:
            self._bound.setdefault(key, bound)
        while len(self._bound) > settings.max_references:
            self._bound.popitem(last=False)

    def replay(
        self, request: Request, principal: int, now: float, settings: BindingSettings
    ) -> Replay | None:
        """Find the seals of a request that belong to others, stand elsewhere, or are a model's
        that it is not for.
        """
        if not self._bound or not settings.asked:
            return None
        found: dict[Breach, set[str]] = {}
        before = _Before(request.messages, self._hash)
        for index, seal in request.references:
            known = self._bound.get(self._hash(seal))
            if known is None or now - known.at > settings.hours * _HOUR:
                continue
            if known.principal != principal:
                found.setdefault("account", set()).add(seal)
            elif _moved(known, *before.at(index)):
                found.setdefault("context", set()).add(seal)
            if _anothers(known, request.model, settings):
                found.setdefault("model", set()).add(seal)
        return _gravest(found, settings)

    def dump(self) -> Iterator[bytes]:
        """Write all seals, the oldest first."""
        return map(encode, batched(self._bound.items()))

    def load(self, piece: bytes) -> None:
        """Read a piece of what `dump` wrote."""
        self._bound.update(_READ(piece))

    def _hash(self, text: bytes | str) -> int:
        data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
        return int.from_bytes(blake2b(data, key=self._key, digest_size=8).digest())


class _Before:
    """What comes before the places of one request. Asked for in their order, it is read once."""

    def __init__(
        self, messages: Sequence[Message], hash_text: Callable[[bytes | str], int]
    ) -> None:
        self._messages = messages
        self._hash = hash_text
        self._at = 0
        self._turn: Message | None = None
        self._system: list[str] = []
        self._instructions: int | None = None

    def at(self, end: int) -> tuple[int, int]:
        """Hash the turn that an assistant's turn answers, and the instructions that it follows.

        The turn is the last before it that is neither the model's nor an instruction.
        """
        for message in self._messages[self._at : end]:
            if message.role == "assistant":
                continue
            if message.role == "system":
                self._system.append(message.text)
                self._instructions = None
            else:
                self._turn = message
        self._at = end
        if self._instructions is None:
            text = "\n".join(self._system).encode("utf-8", "surrogatepass")
            self._instructions = self._hash(text.translate(None, _NUMBERS))
        turn = self._turn
        said = self._hash(f"{turn.role}\x1f{turn.text}") if turn is not None else 0
        return said, self._instructions


def _moved(known: Bound, turn: int, instructions: int) -> bool:
    return known.turn != turn or known.instructions not in (0, instructions)


def _anothers(known: Bound, model: str, settings: BindingSettings) -> bool:
    """Return whether a model is of no family that a seal is bound to, as far as that is known."""
    model = model[:_NAME]
    if not model or model in (known.asked, known.answered):
        return False
    names = [name for name in (known.asked, known.answered) if name]
    family = settings.family(model)
    return bool(names) and all(settings.family(name) != family for name in names)


def _gravest(found: Mapping[Breach, set[str]], settings: BindingSettings) -> Replay | None:
    """Return the breach that is answered hardest: a mild one must not cover for it."""
    asked = [breach for breach in _BREACHES if breach in found and settings.answer(breach) != "off"]
    if not asked:
        return None
    worst = max(asked, key=lambda breach: _ANSWERS.index(settings.answer(breach)))
    hard = [found[breach] for breach in asked if settings.answer(breach) != "observe"]
    return Replay(worst, settings.answer(worst), frozenset().union(*(hard or [found[worst]])))


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
    draft.removed.add("sealed")
    draft.record("reasoning replay")


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
