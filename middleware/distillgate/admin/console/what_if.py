"""The document of the page *What if*: who would be restricted if a knob were turned, by name."""

import math
from collections import Counter
from collections.abc import Mapping

from starlette.exceptions import HTTPException

from distillgate.admin.console.source import Document, Source
from distillgate.campaign.jobs import Job
from distillgate.oversight.what_if import KNOBS, Changed, Knob, Outlook, current, turned, what_if

_LISTED = 100
_SURE = 1.96
"""Deviations of an interval that holds in 19 of 20 cases."""


def what_if_document(source: Source, asked: Mapping[str, str]) -> Job[Document]:
    """Return what the page *What if* shows of knobs as they are asked for."""
    settings = source.engine.settings
    held = current(settings)
    values = {name: _value(asked, name, held[name]) for name in KNOBS}
    wrong, found = "", Outlook()
    try:
        tried = turned(settings, values)
    except ValueError as error:
        wrong = str(error)
    else:
        found = yield from what_if(source.engine, tried, source.now)
    more = [one for one in found.changed if one.after > one.before]
    less = [one for one in found.changed if one.after < one.before]
    return {
        "at": source.now,
        "mode": source.mode,
        "wrong": wrong,
        "knobs": [
            {
                "name": name, **_reaching(knob, held[name])._asdict(), "value": values[name],
                "held": held[name],
                "turned": values[name] != held[name],
            }
            for name, knob in KNOBS.items()
        ],
        "looked_at": found.looked_at,
        "of": found.of,
        "restricted_before": found.restricted_before,
        "restricted_after": found.restricted_after,
        "budget": settings.risk.budget,
        "moves": _moves(found.changed),
        "more": _side(source, more),
        "less": _side(source, less),
        "honest": _honest(source, found),
        "yaml": _yaml(values, held),
    }  # fmt: skip


def _reaching(knob: Knob, held: float) -> Knob:
    """Return a knob that reaches what holds: a browser would turn it to its own end."""
    return knob._replace(least=min(knob.least, held), most=max(knob.most, held))


def _value(asked: Mapping[str, str], name: str, held: float) -> float:
    knob, text = KNOBS[name], asked.get(name, "")
    try:
        value = float(text) if text else held
    except ValueError:
        value = math.nan
    if value != held and not knob.least <= value <= knob.most:  # not a number is neither
        raise HTTPException(422, f"{name} is a number from {knob.least:g} to {knob.most:g}")
    return value


def _moves(changed: list[Changed]) -> list[Document]:
    """Return how many accounts would go from which action to which."""
    counts = Counter((one.before, one.after) for one in changed)
    return [
        {"before": before.label, "after": after.label, "accounts": number}
        for (before, after), number in sorted(counts.items())
    ]


def _side(source: Source, changed: list[Changed]) -> Document:
    """Return whom a change is for the worse, or for the better: those that send most first."""
    daily = {one.account.name: _daily(source, one) for one in changed}
    ordered = sorted(changed, key=lambda one: (-daily[one.account.name], one.account.name))
    return {
        "accounts": len(changed),
        "requests_a_day": sum(daily.values()),
        "declared": sum(one.account.organisation is not None for one in changed),
        "honest": sum(source.label(one.account.name) == "honest" for one in changed),
        "confirmed": sum(source.label(one.account.name) == "confirmed" for one in changed),
        "listed": [
            {
                **source.row(one.account),
                "before": one.before.label,
                "after": one.after.label,
                "requests_a_day": daily[one.account.name],
            }
            for one in ordered[:_LISTED]
        ],
    }


def _daily(source: Source, one: Changed) -> float:
    return one.account.usage.read(source.now).requests.day


def _honest(source: Source, found: Outlook) -> Document | None:
    """Return how many of those found honest would be restricted, and between what that may lie."""
    honest = {one.account for one in source.engine.state.labels if one.says == "honest"}
    if not honest:
        return None
    hit = len(honest & found.restricted)
    low, high = _interval(hit, len(honest))
    return {"labelled": len(honest), "restricted": hit, "low": low, "high": high}


def _interval(hits: int, of: int) -> tuple[float, float]:
    """Return Wilson's interval of a share."""
    share, z = hits / of, _SURE * _SURE
    middle = (share + z / (2 * of)) / (1 + z / of)
    wide = _SURE * math.sqrt(share * (1 - share) / of + z / (4 * of * of)) / (1 + z / of)
    return max(0.0, middle - wide), min(1.0, middle + wide)


def _yaml(values: Mapping[str, float], held: Mapping[str, float]) -> str:
    """Return what a configuration needs to say for the knobs that were turned."""
    turned_ = [name for name in values if values[name] != held[name]]
    rungs = [f"{name}: {values[name]:g}" for name in turned_ if "ladder" in KNOBS[name].path]
    lines = [f"policy: {{ladder: {{{', '.join(rungs)}}}}}"] if rungs else []
    if values["value_tokens"] != held["value_tokens"]:
        lines.append(f"signals: {{work_list: {{value_tokens: {values['value_tokens']:.0f}}}}}")
    return "\n".join(lines)
