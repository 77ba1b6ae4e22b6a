"""How an exchange is referred to: by the gate's own reference, and by what its client calls it."""

import os
import re
from collections.abc import Mapping
from typing import NamedTuple

REFERENCE = "distillgate.reference"
"""The key of a scope that holds the exchange's reference, for whoever answers further in."""

JUDGED = "distillgate.judged"
"""The key of a scope that holds what the gate decided (`Decision`) and does (`Plan`), likewise."""

_UPSTREAM = ("x-request-id", "request-id", "apim-request-id", "x-amzn-requestid")
"""Headers in which an upstream names an exchange: OpenAI's and most servers', Anthropic's, Azure's
gateway's, AWS'."""
_REQUEST_ID = re.compile(r"[A-Za-z0-9._:\-]{8,128}")


def new_reference() -> str:
    """Return a reference that no other exchange has, whatever the client calls its own."""
    return f"dg-{os.urandom(10).hex()}"


class Named(NamedTuple):
    """How an exchange is referred to."""

    reference: str
    """The gate's own reference."""
    client: str
    """The client's, or a proxy's before the gate."""


def named(headers: Mapping[str, str]) -> Named:
    """Name an exchange, and read what its client calls it."""
    return Named(new_reference(), client_reference(headers))


def client_reference(headers: Mapping[str, str]) -> str:
    """Read the client's or proxy's own reference, where it may stand in a log; else it is empty."""
    return _loggable(headers.get("x-request-id", ""))


def upstream_reference(headers: Mapping[str, str]) -> str:
    """Read what an answer's headers call the exchange, where it may stand in a log."""
    return next((said for name in _UPSTREAM if (said := _loggable(headers.get(name, "")))), "")


def _loggable(value: str) -> str:
    return value if value and _REQUEST_ID.fullmatch(value) else ""
