"""The log's lines in the words of others: what a SIEM reads without a parser of its own."""

from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeAlias

from distillgate.telemetry.forms.ecs import ecs
from distillgate.telemetry.forms.ocsf import ocsf

Line: TypeAlias = dict[str, Any]
Form: TypeAlias = Literal["native", "ecs", "ocsf"]

FORMS: Mapping[Form, Callable[[Line], Line]] = {"native": dict, "ecs": ecs, "ocsf": ocsf}
"""Each returns a line in its words, the native one within it."""


def native(line: Line) -> Line:
    """Return the native line that a line of any form holds."""
    for name in ("distillgate", "unmapped"):
        within = line.get(name)
        if isinstance(within, dict) and "event" in within:
            return within
    return line
