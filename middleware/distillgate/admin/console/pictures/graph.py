"""The graph of ties: what accounts share on the left, the accounts beside it, strays in grey."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from markupsafe import Markup, escape

from distillgate.admin.console.pictures.svg import label, picture
from distillgate.text import visible

_WIDTH, _HEIGHT = 640.0, 460.0
_TOP, _BOTTOM = 34.0, 14.0
_HUBS, _ACCOUNTS, _STRAYS = 196.0, 440.0, 590.0
"""Where the three columns are."""

Place = tuple[float, float]


def graph(found: Mapping[str, Any]) -> Markup:
    """Draw a document's `ties`."""
    hubs = _column(len(found["hubs"]), _HUBS)
    accounts = sorted(found["accounts"], key=lambda one: (sorted(one["hubs"]), one["account"]))
    strays = sorted(found["strays"], key=lambda one: (sorted(one["hubs"]), one["account"]))
    spots, lost = _column(len(accounts), _ACCOUNTS), _column(len(strays), _STRAYS)
    parts = [
        label(_HUBS, 14, "what is shared", "axis", "middle"),
        label(_ACCOUNTS, 14, "members", "axis", "middle"),
    ]
    if strays:
        parts.append(label(_STRAYS, 14, "no members", "axis", "middle"))
    parts.extend(_ties(strays, lost, hubs, "tie stray"))
    parts.extend(_ties(accounts, spots, hubs, "tie"))
    parts.extend(_dots(accounts, spots, "member"))
    parts.extend(_dots(strays, lost, "stray"))
    parts.extend(_hubs(found["hubs"], hubs))
    return picture(_WIDTH, _HEIGHT, parts, _says(found), "graph")


def _column(count: int, x: float) -> list[Place]:
    """Return places one below the other, evenly."""
    step = (_HEIGHT - _TOP - _BOTTOM) / max(1, count)
    return [(x, _TOP + step * (at + 0.5)) for at in range(count)]


def _ties(
    accounts: Sequence[Mapping[str, Any]], spots: Sequence[Place], hubs: Sequence[Place], kind: str
) -> Iterator[str]:
    path = []
    for account, (x, y) in zip(accounts, spots, strict=True):
        for hub in account["hubs"]:
            to, at = hubs[hub]
            middle = (x + to) / 2
            path.append(
                f"M{to:.0f} {at:.1f}C{middle:.0f} {at:.1f} {middle:.0f} {y:.1f} {x:.0f} {y:.1f}"
            )
    if path:
        yield f'<path class="{kind}" d="{"".join(path)}"/>'


def _dots(
    accounts: Sequence[Mapping[str, Any]], spots: Sequence[Place], kind: str
) -> Iterator[str]:
    radius = min(5.0, 0.42 * (_HEIGHT - _TOP - _BOTTOM) / max(1, len(accounts)))
    for account, (x, y) in zip(accounts, spots, strict=True):
        why = f": {account['why']}" if "why" in account else ""
        yield (
            f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}">'
            f"<title>{escape(visible(account['account'] + why))}</title></circle>"
        )


def _hubs(hubs: Sequence[Mapping[str, Any]], places: Sequence[Place]) -> Iterator[str]:
    for hub, (x, y) in zip(hubs, places, strict=True):
        kind = "hub linked" if hub["linked"] else "hub"
        yield (
            f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="15">'
            f"<title>{escape(visible(hub['id']))}, shared by {hub['shared_by']:,} of these"
            f"</title></circle>"
        )
        yield label(x, y + 4, hub["shared_by"], "hub-count", "middle")
        yield label(x - 24, y + 4, hub["kind"], "hub-label", "end")


def _says(found: Mapping[str, Any]) -> str:
    kinds = ", ".join(f"{hub['kind']} ({hub['shared_by']})" for hub in found["hubs"])
    return (
        f"What {found['of_accounts']:,} accounts share: {kinds}. "
        f"{found['of_strays']:,} share one of them and are not held for members."
    )
