"""What there is to know of one call of an API: where it is asked, and how it reads and answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from distillgate.wire.answer import Answer
from distillgate.wire.message import Reading
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


class Dialect(StrEnum):
    """Whose error shape and headers a client of a call understands."""

    OPENAI = "openai"
    ANTHROPIC = "anthropic"
    GOOGLE = "google"
    OLLAMA = "ollama"


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
    """Where requests keep what measures change, where that is inside of other objects.

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


@dataclass(frozen=True, slots=True, eq=False)
class Api:
    """One call: each API's file has one a call, and `operation.Operation` lists them."""

    endings: tuple[str, ...]
    """How its paths end, in lower case: the last segments, or a method after a colon."""
    read: Callable[[Mapping[str, Any]], Reading]
    """Reads its requests."""
    answers: Answers
    dialect: Dialect = Dialect.OPENAI
    output: Output = Output.TEXT
    kept: int = BODY_LIMIT
    """Bytes of a JSON answer that are kept to be read."""
    fields: Fields = _FLAT
    content: tuple[str, ...] = CONTENT
    """The fields of a request that hold what is asked: two that are alike in them are one text.
    Biased tokens are asked about."""
