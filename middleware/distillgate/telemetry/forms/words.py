"""What the events are, whatever words a form has for it."""

from datetime import datetime
from enum import Enum
from typing import Any

TURNED_AWAY = frozenset({"throttled", "challenged", "refused"})
"""Results of a client that the gate answered itself."""


class Kind(Enum):
    """What an event is about."""

    EXCHANGE = "a call of a client's"
    FINDING = "something that a person should look at"
    ORDER = "what a person ordered on accounts"
    SIGN_IN = "somebody signed in"
    SETTINGS = "what holds for the gate was changed"
    PROCESS = "the gate itself began, ends, or fares badly"


_KINDS = {
    Kind.EXCHANGE: (
        "decision", "unread", "turned_away", "upstream_failed", "failed_open", "appealed",
    ),
    Kind.FINDING: (
        "campaign_appeared", "campaign_grew", "campaign_ended", "unusual_use", "actor_budget",
    ),
    Kind.ORDER: (
        "pardoned", "lifted", "ordered", "named", "forgotten", "labelled", "appeal_answered",
    ),
    Kind.SIGN_IN: ("signed_in",),
    Kind.SETTINGS: ("killed", "resumed", "reloaded", "reload_failed"),
}  # fmt: skip
_BY_EVENT = {event: kind for kind, events in _KINDS.items() for event in events}
_FAILURES = frozenset({"failed_open", "upstream_failed", "reload_failed", "turned_away"})


def kind_of(line: dict[str, Any]) -> Kind:
    """Return what a line is about; a decision that restricts, or ends that, is a finding."""
    if line["event"] == "decision" and (restricts(line) or line.get("change")):
        return Kind.FINDING
    return _BY_EVENT.get(line["event"], Kind.PROCESS)


def restricts(line: dict[str, Any]) -> bool:
    """Return whether a decision asks for more than to observe."""
    return line.get("action") not in (None, "allow", "observe")


def result(line: dict[str, Any]) -> str:
    """Return what the client got; empty where a line is of no client."""
    if line["event"] == "turned_away":
        return "refused"
    outcome = line.get("outcome")
    return str(outcome.get("result", "")) if isinstance(outcome, dict) else ""


def failed(line: dict[str, Any]) -> bool:
    """Return whether what a line tells of did not come to what was wanted."""
    return line["event"] in _FAILURES or result(line) in {*TURNED_AWAY, "failed", "aborted"}


def milliseconds(line: dict[str, Any]) -> int:
    """Return when a line was written, since the epoch."""
    return round(datetime.fromisoformat(line["timestamp"]).timestamp() * 1000)


def sentence(line: dict[str, Any]) -> str:
    """Return a line's event in words, with what it is about."""
    about = line.get("id") or line.get("account") or line.get("organisation") or line.get("group")
    text = str(line["event"]).replace("_", " ")
    if line["event"] == "decision":
        text = f"{line.get('action')} ({result(line)})"
    return f"{text}: {about}" if about else text
