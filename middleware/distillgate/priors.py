"""What was measured on public text: one versioned file, which the code that weighs reads once.

It is data and no configuration: how likely evidence is under one hand and under independent users.
What an operator's own traffic shows by chance is fitted on top of it (`risk.calibration`), in the
same form, and says on which edition of the weights it was fitted.
"""

import pkgutil
from functools import cache
from typing import Any, TypeVar

import msgspec

from distillgate.errors import ConfigError

Weights = TypeVar("Weights", bound="Measured")


class Measured(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A section of the file: numbers that one piece of code weighs with."""

    source: str
    """What they were measured on."""


@cache
def shipped() -> dict[str, Any]:
    """Return the file that comes with the package."""
    return read(pkgutil.get_data("distillgate", "data/priors.json") or b"")


def read(raw: bytes) -> dict[str, Any]:
    """Read the file. Raises `ConfigError` where it is damaged."""
    try:
        return msgspec.json.decode(raw, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{_DAMAGED}: {error}") from None


_DAMAGED = "data/priors.json of this installation is damaged; install distillgate anew"


def section(name: str, kind: type[Weights]) -> Weights:
    """Return a section of the shipped weights. Raises `ConfigError` where it is damaged."""
    try:
        return msgspec.convert(shipped()["weights"][name], kind)
    except (KeyError, msgspec.ValidationError) as error:
        raise ConfigError(f"{_DAMAGED}: {name}: {error}") from None


def edition() -> str:
    """Return which edition of the weights is shipped."""
    return str(shipped()["edition"])
