"""What a gate answered, read as a client reads it: from status, headers and the error's code."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple

import orjson

from distillgate.wire.sse import Reader

HEADER = "x-distillgate"
_REFUSALS = ("suspected_extraction", "verification_required", "reasoning_replay")
"""What the gate says with 403."""
_LONGEST_WAIT = 3600.0


class Fate(StrEnum):
    """What became of one exchange, as far as a client is told."""

    ALLOWED = "allowed"
    """An answer, and nothing said of a restriction; a slowed account's looks the same."""
    THROTTLED = "throttled"
    """429: for suspicion, by a plan's rate or by the upstream's; nobody is told which."""
    DEGRADED = "degraded"
    """An answer with a header that says what was changed."""
    REFUSED = "refused"
    """403 from the gate: held for review, or asked to verify."""
    FAILED = "failed"
    """Any other error, or none that came."""
    HELD = "held back"
    """Never sent: its account had been told to wait."""

    @property
    def restricts(self) -> bool:
        """Return whether the account was held back, for whatever reason."""
        return self in (Fate.THROTTLED, Fate.DEGRADED, Fate.REFUSED)


class Answer(NamedTuple):
    """One answer."""

    fate: Fate
    said: str = ""
    """What its header says was done, or the error's code."""
    text: str | None = None
    """What the model wrote."""
    wait: float = 0.0
    """Seconds to stay away."""


def read(status: int, headers: Mapping[str, str], body: bytes) -> Answer:
    """Read an answer of chat completions or embeddings."""
    said = headers.get(HEADER, "")
    if status == 200:
        fate = Fate.DEGRADED if said else Fate.ALLOWED
        return Answer(fate, said, _text(headers.get("content-type", ""), body))
    code = _code(body) or str(status)
    if status == 429:
        return Answer(Fate.THROTTLED, code, wait=_wait(headers))
    return Answer(Fate.REFUSED if code in _REFUSALS else Fate.FAILED, code)


def _wait(headers: Mapping[str, str]) -> float:
    try:
        return min(_LONGEST_WAIT, max(0.0, float(headers.get("retry-after", "1"))))
    except ValueError:
        return 1.0


def _code(body: bytes) -> str:
    error = _dig(_json(body), "error", "code")
    return error if isinstance(error, str) else ""


def _text(kind: str, body: bytes) -> str | None:
    if not kind.startswith("text/event-stream"):
        text = _dig(_json(body), "choices", 0, "message", "content")
        return text if isinstance(text, str) else None
    events = Reader().feed(body)
    parts = (_dig(_json(event.data), "choices", 0, "delta", "content") for event in events)
    return "".join(part for part in parts if isinstance(part, str))


def _json(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None


def _dig(value: Any, *path: str | int) -> Any:
    """Follow a path into JSON; None where it leads nowhere."""
    for step in path:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return None
    return value
