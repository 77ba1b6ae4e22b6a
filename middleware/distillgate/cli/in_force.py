"""What is in force for an account, and what was done to it, in words."""

from collections.abc import Iterator, Mapping
from typing import Any

from distillgate.cli.moments import moment

_WHY_NOT = {
    "shadow": "the gate is in shadow mode",
    "killed": "an operator ended all enforcement",
    "exempt": "somebody's word stands against it",
    "hold_out": "it is one of the share that is left alone (`policy.enforcement.hold_out`)",
    "held": "it was never acted on, and the evidence has gone",
    "rollout": "its actor is not in the roll-out yet (`policy.enforcement.rollout`)",
    "onset": "its actor has not sent enough since the evidence sufficed (`onset_exchanges`)",
}


def why_not(reason: str) -> str:
    """Return why something is not enforced."""
    return _WHY_NOT.get(reason, reason)


def standing(found: Mapping[str, Any]) -> Iterator[str]:
    """Put what is in force now into words."""
    reason, by = found["not_enforced"], found["by"]
    enforced = "enforced" if found["enforced"] else "nothing is done to it"
    why = f": {why_not(reason)}" if reason else ""
    yield f"now: {found['action']}, {enforced}{why}"
    yield f"     decided by {by}, plan {found['plan']}"
    if found["until"] is not None:
        yield f"     until {moment(found['until'])}"
    if found["restricted_until"] is not None:
        judged = "restricted" if found["enforced"] else "judged restricted, but not acted on,"
        yield f"     {judged} until {moment(found['restricted_until'])} or longer"
    if found["next_rung"] is not None:
        yield f"     next: {_next(found['next_rung'])}"


def event(found: Mapping[str, Any]) -> Iterator[str]:
    """Put one event of an account's history into words."""
    line = f"{moment(found['at'])}  {found['what']}"
    for word, name in (("to", "action"), ("by", "by")):
        if found.get(name):
            line += f" {word} {found[name]}"
    if found.get("until"):
        line += f" until {moment(found['until'])}"
    if found.get("reason"):
        line += f": {found['reason']}"
    if found.get("not_acted_on"):
        line += f" (not acted on: {why_not(found['not_acted_on'])})"
    yield f"  {line}"
    for text in found.get("texts", ()):
        yield f"      {text}"


def _next(rung: Mapping[str, Any]) -> str:
    action, nats, families = rung["action"], rung["nats"], rung["families"]
    missing = [f"{nats:.2f} nats"] * (nats > 0)
    missing += [f"{families} more kinds of evidence that agree"] * (families > 0)
    return f"{action}, {' and '.join(missing) or 'nothing'} away"
