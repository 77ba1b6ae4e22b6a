"""What there is to know of one call of an API: where it is asked, how it is read and answered."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from re import Pattern
from typing import Any, NamedTuple

from distillgate.wire.answer import Answer
from distillgate.wire.event import Edit
from distillgate.wire.message import Reading
from distillgate.wire.names import COMMON, Names
from distillgate.wire.refusal import Errors
from distillgate.wire.shorten import ReasoningSettings
from distillgate.wire.usage import Shape

SEVERAL = "predictions"
"""The key under which a list of answers is read: Vertex's. What is answered by a bare list (SGLang,
llama.cpp) is read as if it stood there."""

CONTENT = (
    "messages", "input", "prompt", "suffix", "system", "instructions", "tools", "functions",
    "logit_bias",
)  # fmt: skip

BODY_LIMIT = 1 << 20
"""Bytes of a JSON answer that are kept to be read; of a longer one only its outline."""

Read = Callable[[Answer, Mapping[str, Any]], None]


class Output(StrEnum):
    """What an answer takes of budgets beside its prompt."""

    TEXT = "text"
    NONE = "none"
    """Vectors or scores: no tokens are written."""
    FREE = "free"
    """A count: not even its prompt is paid for."""


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """How a call is answered: by one document, or by events, lines or an array of them."""

    whole: Read
    """Reads a whole answer."""
    event: Read
    """Reads an event of a streamed one."""
    usage: tuple[Shape, ...]
    """Whose usage it may tell, the likeliest first."""
    wanted: frozenset[bytes] | None = None
    """The names of the server-sent events worth reading; None where events have no names."""
    array: bool = False
    """A stream may come as one JSON array of events, too (Google's does unless asked for SSE)."""


Path = tuple[str, ...]


class Fields(NamedTuple):
    """Where requests keep what measures change, where that is inside other objects.

    Each is a path in all its spellings; one that is added is added under the first.
    """

    limits: tuple[Path, ...] = ()
    """The longest output."""
    choices: tuple[Path, ...] = ()
    """How many answers."""
    logprobs: tuple[Path, ...] = ()
    efforts: tuple[Path, ...] = ()
    """A word of `low`, `medium`, `high`, in either case."""
    budgets: tuple[Path, ...] = ()
    """Tokens of reasoning, which count as output."""
    seeds: tuple[Path, ...] = ()


_FLAT = Fields()
"""All of its parameters stand in the request itself."""


class Instructions(NamedTuple):
    """Where a request keeps its instructions."""

    name: str
    """The field that holds them, or the list of turns."""
    turn: bool = False
    """They are the first of its turns."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Measured:
    """What the measures do to a request of a call and to its answer.

    A measure may leave no valid request invalid, so this also tells which fields depend on one
    another: by the public references of the APIs and of the servers that speak them (vLLM, SGLang,
    llama.cpp, gateways), as of late 2026.
    """

    limits: tuple[str, ...] = ()
    """The names of the longest output; an upstream may read any of them."""
    least: int = 1
    """The smallest limit that is accepted."""
    aliases: tuple[str, ...] = ()
    """Other servers' names for the limit: lowered where they are given, never added."""
    needs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What is only accepted beside a field, and goes with it."""
    at_most: tuple[Path, ...] = ()
    """What may not be above the output limit."""
    fields: Fields = _FLAT
    """The same and more, where it is inside other objects."""
    prefilled: bool = False
    """A last turn of the assistant's begins the answer."""
    routed: bool = False
    """The body names the model, and another can answer. Not embeddings: vectors of two models do
    not compare, and a customer's index would be spoilt."""
    instructions: Instructions | None = None
    """Where a mark is asked for; None where there is no place for it."""
    reasoning: Callable[[ReasoningSettings], Edit] | None = None
    """Makes what takes the reasoning out of an answer; None where it stays."""


_PASSES = Measured()
"""Answers and parameters in the body pass as they came."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class Operation:
    """One call of an API. Its dialect's file makes it, `dialects.registry` lists it."""

    name: str
    """The word it is counted and logged under."""
    endings: tuple[str, ...]
    """How its paths end, in lower case: the last segments, or a method after a colon."""
    read: Callable[[Mapping[str, Any]], Reading]
    """Reads its requests."""
    answers: Answers
    errors: Errors
    """How its clients expect to be refused."""
    within: str = ""
    """What its paths have before the ending, where other APIs' paths end alike."""
    named: Pattern[str] | None = None
    """How its paths end where their last segment is a name."""
    output: Output = Output.TEXT
    kept: int = BODY_LIMIT
    """Bytes of a JSON answer that are kept to be read."""
    content: tuple[str, ...] = CONTENT
    """The fields of a request that hold what is asked: two that are alike in them are one text.
    Biased tokens are asked about."""
    names: Names = COMMON
    """The names that are read whatever their letter case."""
    plain: bool = False
    """Its inputs are texts of their own, not the turns of a conversation."""
    measured: Measured = _PASSES
    stored: Pattern[str] | None = None
    """How paths end under which answers that the upstream kept are fetched or cancelled."""
    choose: "Callable[[Mapping[str, Any]], Operation] | None" = None
    """Finds the call that a body is of, where one path serves several. Raises `WireError`."""
    framed: bool = False
    """Its errors have one shape, whatever call a body is of."""

    def __repr__(self) -> str:
        """Return its name."""
        return self.name

    @property
    def embeds(self) -> bool:
        """Return whether it answers texts with vectors."""
        return self.plain and self.output is Output.NONE
