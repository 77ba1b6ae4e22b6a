"""Sentences of the pages: what a document comes to, and the command that does the same."""

import shlex
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from distillgate.policy.enforcement import WHY_NOT
from distillgate.text import moment, visible

SHARED = {
    "system prompt": "share one system prompt",
    "prompt template": "share one prompt template",
    "payment instrument": "are paid for with one instrument",
    "network": "come from one network",
    "request shape": "send requests of one shape",
    "client and request shape": "use one client and request shape",
    "client and sign-up week": "use one client and signed up in one week",
    "chain of meetings": "go on with what others of them began",
    "source of texts": "send what one hand deals",
}
"""What the accounts of a group of each kind have in common."""


def sentence(found: Mapping[str, Any]) -> str:
    """Return what a campaign's document comes to, as one would say it."""
    row, examined, kind = found["campaign"], found["examined"], found["group"]["kind"]
    number = row["accounts"]
    subject = f"{number:,} account behaves" if number == 1 else f"{number:,} accounts behave"
    words = f"{subject} as one sender: they {SHARED.get(kind, 'share one ' + kind)}"
    if examined is not None and examined["topic"] is not None and examined["style"] is not None:
        likeness = max(examined["topic"]["rho"], examined["style"]["rho"])
        words += (
            ", and what they ask differs from account to account no more than it does within one"
            if likeness < _NO_MORE
            else ", and what they ask differs little from account to account"
        )
    words += "."
    if row["budget"]:
        words += (
            f" Together they sent about {row['distinct_texts']:,.0f} different texts and took "
            f"{row['value_tokens']:,.0f} value tokens, where one sender may take "
            f"{row['budget']:,.0f}."
        )
    return words


_NO_MORE = 0.02
"""Rho up to which accounts differ no more than chance deals."""


def against(found: Mapping[str, Any]) -> list[str]:
    """Return what speaks for the accounts of a campaign, beside the doubts of each signal."""
    row, examined = found["campaign"], found["examined"]
    told = []
    if row["organisations"]:
        names = ", ".join(visible(name) for name in list(row["organisations"])[:5])
        told.append(f"Accounts of declared organisations are inside: {names}.")
    if row["strays"]:
        told.append(
            f"{row['strays']:,} accounts share the same and are not held for members: what is "
            "shared is not this sender's alone."
        )
    if examined is not None and examined["compared"] < examined["principals"]:
        left = examined["principals"] - examined["compared"]
        told.append(
            f"{left:,} of {examined['principals']:,} were not compared, for want of own texts."
        )
    if pardoned := row["standing"].get("pardoned"):
        told.append(f"{pardoned:,} were pardoned by a person.")
    if examined is not None and examined["follows"] > _TALKS:
        told.append(
            f"{100 * examined['follows']:.0f} % of what they send continues a conversation."
        )
    if row["budget"] and row["value_tokens"] < row["budget"]:
        told.append("They have not yet taken as much as one sender may.")
    return told


def doubts(contributions: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Return who does the same in good faith, and what would clear it, each once."""
    found: dict[tuple[str, str], list[str]] = {}
    for one in contributions:
        if one["llr"] > 0 and one["honest_explanation"]:
            key = one["honest_explanation"], one["cleared_by"]
            found.setdefault(key, []).append(one["signal"].replace("_", " "))
    return [
        {"honest": honest, "clears": clears, "signals": ", ".join(signals)}
        for (honest, clears), signals in found.items()
    ]


_TALKS = 0.2
"""Share of continued conversations from which it is worth saying."""


def held_back(found: Mapping[str, Any]) -> dict[str, float]:
    """Return by how much each family of a campaign's evidence went past its cap."""
    return {one["family"]: one["over"] for one in found["evidence"]["families"]}


def command(*words: str, url: str | None = None) -> str:
    """Return the command that does or shows the same, to be pasted into a shell."""
    parts = ["distillgate", *(shlex.quote(visible(word)) for word in words)]
    return " ".join(parts) + (f" --url {shlex.quote(url)}" if url else "")


def in_force(found: Mapping[str, Any]) -> str:
    """Return what happens to an account's next exchange, in one sentence."""
    state = found["in_force"]
    why = state["not_enforced"]
    if state["enforced"]:
        return f"Its next exchange is restricted: {state['action']}, by {visible(state['by'])}."
    if why == "exempt":
        return f"Nothing is done: {visible(state['by'])} stands against a restriction."
    if why:
        because = WHY_NOT.get(why, why)
        return f"It would be restricted ({state['action']}), and is not: {because}."
    if state["by"] in ("pardon", "lift"):
        return f"Nothing is done to it: a person gave it a {state['by']}."
    return "Nothing is done to it."


def details(found: Mapping[str, Any]) -> str:
    """Return the rest of a line of the audit log, as a person reads it."""
    return "; ".join(f"{name.replace('_', ' ')} {_value(one)}" for name, one in found.items())


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name.replace('_', ' ')} {_value(one)}" for name, one in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(_value(one) for one in value[:_PARTS])
    if isinstance(value, float) and value > _MOMENTS:
        return moment(value)
    return f"{value:,.3g}" if isinstance(value, float) else str(value)


_PARTS = 5
"""Parts of a list that are told."""
_MOMENTS = 1e9
"""Numbers from here on are seconds since the epoch."""


def query(found: Mapping[str, Any], **more: Any) -> str:
    """Return what is filled in, as an address carries it."""
    return urlencode({name: value for name, value in {**found, **more}.items() if value})


TOLD = {
    "wait": "The service limits how many requests an account may send, and asked this one to come "
    "back later.",
    "budget": "The budget of the account's plan is used up.",
    "held": "Requests of this account are held for review, and this one was not answered.",
    "verify": "The account was asked to verify itself before it goes on.",
    "reasoning": "The request brought reasoning that was not given to this account, at this place, "
    "by this model.",
}
"""What a customer was told, by the kind of refusal: the same whatever the cause."""
ENDS = {
    "wait": "The wait that the answer named, or at the latest",
    "budget": "The end of the plan's period.",
    "held": "At the latest",
    "verify": "The account is verified.",
    "reasoning": "This concerns that request alone; without the reasoning it is answered.",
}
"""When it ends by itself."""
