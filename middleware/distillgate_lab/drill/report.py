"""The end of a drill: what the gate answered, what it knows, and what it could not see."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rich.table import Table

from distillgate_lab.drill.answer import Fate
from distillgate_lab.drill.ledger import Row
from distillgate_lab.drill.script import Script

_SHOWN = tuple(Fate)


def table(rows: Mapping[str, Row]) -> Table:
    """Show what became of each scenario's exchanges."""
    found = Table(box=None, pad_edge=False, collapse_padding=True)
    found.add_column("scenario", no_wrap=True, min_width=max(map(len, rows), default=0))
    for name in ("accounts", "restricted", *_SHOWN, "first after"):
        found.add_column(str(name), justify="right", no_wrap=True, min_width=len(name))
    for name, row in rows.items():
        numbers = (len(row.accounts), len(row.restricted), *(row.fates[fate] for fate in _SHOWN))
        first = "never" if row.first is None else f"{row.first:,}"
        found.add_row(name, *(f"{number:,}" for number in numbers), first)
    return found


def said(rows: Mapping[str, Row]) -> Iterator[str]:
    """Return what the gate itself said, by header and error code."""
    for name, row in rows.items():
        if row.said:
            told = ", ".join(f"{what} ({count:,})" for what, count in row.said.most_common(6))
            yield f"{name}: {told}"


class Watch:
    """The groups that one operator feeds and that grew while they were watched.

    A group may be linked for a while only: what is held back no longer speaks against it.
    """

    def __init__(self, before: Iterable[Mapping[str, Any]]) -> None:
        self._known = {group["code"]: group["exchanges"] for group in before}
        self._found: dict[str, dict[str, Any]] = {}

    def see(self, groups: Iterable[dict[str, Any]]) -> None:
        """Take the groups as they are now."""
        for group in groups:
            if group["exchanges"] > self._known.get(group["code"], 0):
                self._found[group["code"]] = group

    @property
    def groups(self) -> list[dict[str, Any]]:
        """Each as it was last seen linked, the most surely linked first."""
        return sorted(self._found.values(), key=lambda group: -float(group["link"]))


def document(rows: Mapping[str, Row], script: Script, speed: float) -> dict[str, Any]:
    """Return every number, for `--json`."""
    return {
        "scenarios": {
            name: {
                "accounts": len(row.accounts),
                "restricted": len(row.restricted),
                "exchanges": row.exchanges,
                "answers": {fate.value: row.fates[fate] for fate in _SHOWN},
                "first_restriction_after": row.first,
                "said": dict(row.said),
            }
            for name, row in rows.items()
        },
        "limits": list(limits(script, speed)),
    }


def limits(script: Script, speed: float) -> Iterator[str]:
    """Return what a gate cannot see in this drill, or sees otherwise than in earnest."""
    minutes = script.days * 1440 / speed
    yield (
        f"{script.days:.1f} days passed in {minutes:.1f} minutes: hours of the day and days of the "
        "week are one hour here, so clocks say nothing; what fades over hours or weeks did not"
    )
    yield (
        "rates are as much higher: a plan's budgets a minute or a day may answer where in earnest "
        "they would not, and a throttled account gets fewer of its calls through"
    )
    yield (
        "a gate does not tell its clients whom it suspects: a 429 may be a plan's or the "
        "upstream's too, and an answer from a slowed account's budget looks like any; the gate's "
        "log says which is which"
    )
    yield (
        "one machine played everybody: TLS fingerprints and the order of headers are alike, and "
        "addresses differ only if the gate trusts this machine's X-Forwarded-For; plans, "
        "organisations, cards and sign-up dates are sent only in the headers named by --header"
    )
    if script.left_out:
        yield f"{script.left_out:,} later calls of the scenario were left out: see --limit"
    yield (
        "the gate remembers this drill's accounts and texts like anybody's: use accounts of your "
        "own, and know that a second drill meets what the first one taught"
    )
