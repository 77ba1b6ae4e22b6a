"""A report: what the console shows, as one file that needs nothing else.

It opens from a disk, prints, and asks nobody for anything: its style is inside, and its policy lets
it load nothing. The same templates and pictures as the console's, and at its end the document that
every figure comes from.
"""

import base64
import hashlib
from collections.abc import Iterator
from html import escape

import orjson
from markupsafe import Markup

from distillgate.admin.console.campaign import campaign_document
from distillgate.admin.console.overview import campaigns_document, now_document
from distillgate.admin.console.render import Links, figures, render, style
from distillgate.admin.console.source import Document, Source, even
from distillgate.campaign.jobs import complete
from distillgate.text import visible_json

SHOWN = 4
"""Campaigns that are shown whole."""
_LISTED = 50
"""Campaigns that the table lists."""
_POINTS, _ROWS, _MEMBERS = 120, 48, 50
"""Of each: groups of the scatter, accounts of the heat map, members."""


def report_document(source: Source, about: str) -> Document:
    """Return a report's document, of an engine that nobody waits for; `about` says of what."""
    listed = complete(campaigns_document(source))
    whole = [
        complete(campaign_document(source, row["code"])) for row in listed["campaigns"][:SHOWN]
    ]
    return assemble(about, complete(now_document(source)), whole)


def assemble(about: str, now: Document, whole: list[Document | None]) -> Document:
    """Return a report's document of what the pages show."""
    return {
        "about": about,
        "at": now["at"],
        "now": {**now, "campaigns": now["campaigns"][:_LISTED]},
        "campaigns": [_brief(one) for one in whole if one is not None],
    }


def write(document: Document) -> Iterator[str]:
    """Write a report as HTML, piece by piece."""
    css = style()
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    links = Links(inside=frozenset(one["campaign"]["code"] for one in document["campaigns"]))
    return render(
        "report.html",
        document,
        links,
        "report",
        css=css,
        policy=f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:",
        scoped=lambda scope: figures(document, links, "report", scope),
        raw=_raw(document),
        session=None,
        api="",
    )


def _raw(document: Document) -> Markup:
    """Return a document as JSON between tags, where a quote needs no escape."""
    text = visible_json(orjson.dumps(document, default=str)).decode("utf-8", "replace")
    return Markup(escape(text, quote=False))  # noqa: S704 - escaped


def _brief(document: Document) -> Document:
    """Return a campaign's document no longer than a report can hold."""
    rho, heat, members = document["rho"], document["heat"], document["members"]
    drawn = even(heat["accounts"], _ROWS)
    return {
        **document,
        "rho": {**rho, "points": rho["points"][:_POINTS]},
        "heat": {**heat, "accounts": drawn, "drawn": len(drawn)},
        "members": members[:_MEMBERS],
    }
