"""Explanations put into lines of plain words."""

import math
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from distillgate.policy.enforcement import WHY_NOT
from distillgate.text import moment, visible


def why_not(reason: str) -> str:
    """Return why something is not enforced."""
    return WHY_NOT.get(reason, reason)


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


MEMBERS = 100
"""Members of a group that are named in words; `--json` has more."""

_WIDTH = 100

_RESULTS = {
    "answered": "the answer, unchanged",
    "changed": "the answer, with measures taken: {measures}",
    "throttled": "told to wait {wait:g} seconds",
    "challenged": "told to verify itself",
    "refused": "told no",
    "failed": "an error of the service behind the gate",
    "aborted": "nothing: it went away before there was an answer",
}
"""What a client got, by `actions.effect.RESULTS`."""


def words(found: Mapping[str, Any]) -> Iterator[str]:
    """Put an account's or a group's explanation into words."""
    return _account(found) if "account" in found else _group(found)


def _account(found: Mapping[str, Any]) -> Iterator[str]:
    yield f"account {found['account']} of {found['organisation'] or 'no known organisation'}"
    yield from standing(found["in_force"])
    yield f"seen from {moment(found['first_seen'])} to {moment(found['last_seen'])}"
    yield ""
    yield f"{'':<16}{'minute':>12}{'hour':>12}{'day':>12}{'remembered':>12}"
    for name, counts in found["activity"].items():
        cells = "".join(f"{value:>12,.0f}" for value in counts.values())
        yield f"{name.replace('_', ' '):<16}{cells}"
    yield f"about {found['distinct_texts']:,.0f} different texts"
    yield ""
    yield _risk(found)
    yield from _evidence(found)
    if found["group"] is not None:
        yield f"acts with the accounts of group {found['group']}"
    yield ""
    yield from _doubts(found)
    if found["history"]:
        yield ""
        yield "what was done, the newest first"
        for one in found["history"]:
            yield from event(one)


def _group(found: Mapping[str, Any]) -> Iterator[str]:
    yield (
        f"group {found['group']}: {found['principals']:,} accounts or organisations "
        f"that share one {found['kind']}"
    )
    linked = "one operator feeds it" if found["linked"] else "nothing shows that one operator does"
    yield f"{found['exchanges']:,} exchanges; {linked}"
    yield f"seen from {moment(found['first_seen'])} to {moment(found['last_seen'])}"
    yield ""
    yield _risk(found)
    yield from _evidence(found)
    if found["strongest"]:
        yield ""
        yield "the strongest reasons"
        for number, text in enumerate(found["strongest"], 1):
            yield f"  {number}. {text}"
    yield ""
    yield f"the actor's budget: {_budget(found['value_tokens'], found['budget'])}"
    yield from _doubts(found)
    yield ""
    yield from _members(found["members"])


def _risk(found: Mapping[str, Any]) -> str:
    return f"risk {found['risk']:+.2f}, a likelihood ratio of about {_odds(found['risk'])}"


def _evidence(found: Mapping[str, Any]) -> Iterator[str]:
    for family, llr in found["families"].items():
        yield f"  {llr:+.2f}  {family}"
        for part in found["contributions"]:
            if part["family"] == family:
                text = f"{part['signal']}: {part['text']}{_dates(part)}"
                yield f"         {part['llr']:+.2f}  {text}"
    if not found["families"]:
        yield "  no signal speaks for or against it"


def _dates(part: Mapping[str, Any]) -> str:
    since, until = part.get("since"), part.get("until")
    if since is None or until is None:
        return ""
    first, last = moment(since)[:16], moment(until)[:16]
    return f" ({first})" if first == last else f" ({first} to {last})"


def _doubts(found: Mapping[str, Any]) -> Iterator[str]:
    yield f"an honest explanation: {found['honest_explanation']}"
    yield f"what would clear it: {found['cleared_by']}"


def _budget(taken: float | None, budget: float | None) -> str:
    if taken is None or not budget:
        return "not examined yet"
    return f"about {taken:,.0f} of {budget:,.0f} value tokens ({taken / budget:.0%})"


def _members(names: list[str]) -> Iterator[str]:
    yield "members"
    listed = ", ".join(visible(name) for name in names[:MEMBERS])
    # A name is one word here, or its parts could not be searched for.
    yield from textwrap.wrap(
        listed,
        _WIDTH,
        initial_indent="  ",
        subsequent_indent="  ",
        break_long_words=False,
        break_on_hyphens=False,
    )
    if not names:
        yield "  none is remembered any more"
    elif len(names) > MEMBERS:
        yield "  and more, which --json lists"


def seen(outcome: Mapping[str, Any]) -> str:
    """Put what a client got into words."""
    measures = ", ".join(outcome.get("measures", ()))
    told = _RESULTS[outcome["result"]].format(
        measures=measures, wait=outcome.get("retry_after") or 0
    )
    tokens = outcome.get("output_tokens")
    status = outcome.get("status") or "no status"
    return f"{status}, {told}" + (f", {tokens:,} tokens of output" if tokens else "")


def _odds(llr: float) -> str:
    # Past e^20 nobody reads the digits.
    ratio = math.exp(min(abs(llr), 20.0))
    return f"{ratio:,.0f} to 1" if llr >= 0 else f"1 to {ratio:,.0f}"
