"""What there is to know of one call of an API: where it is asked, how it reads, how it refuses."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from distillgate.wire.message import Reading


class Dialect(StrEnum):
    """Whose error shape and headers a client of a call understands."""

    OPENAI = "openai"
    ANTHROPIC = "anthropic"
    GOOGLE = "google"
    OLLAMA = "ollama"


@dataclass(frozen=True, slots=True, eq=False)
class Api:
    """One call: each API's file has one a call, and `operation.Operation` lists them."""

    endings: tuple[str, ...]
    """How its paths end, in lower case: the last segments, or a method after a colon."""
    read: Callable[[Mapping[str, Any]], Reading]
    """Reads its requests."""
    dialect: Dialect = Dialect.OPENAI
