"""Documents become pages: templates that escape everything, and figures that name their place.

One renderer for the console and for reports. A figure is looked up in the page's document by its
JSON Pointer (RFC 6901), so that a page cannot show a number that its document does not hold.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import quote

from markupsafe import Markup, escape

from distillgate.admin.console import words
from distillgate.admin.console.pictures import bars, curve, graph, heat, scatter, waterfall
from distillgate.admin.console.source import Document
from distillgate.errors import needs
from distillgate.text import NO_END, visible
from distillgate.text import moment as written

_PACKAGE = "distillgate.admin.console"


@dataclass(frozen=True, slots=True)
class Links:
    """Where the console's pages are. A report has none: its figures point into itself."""

    base: str | None = None
    inside: frozenset[str] = frozenset()
    """The campaigns that a report shows whole."""
    accounts: bool = True
    """Accounts are named, and have pages."""

    def page(self, *path: str) -> str | None:
        """Return a page's address; None in a report."""
        if self.base is None:
            return None
        return "/".join([self.base, *(quote(segment, safe="") for segment in path)])

    def json(self, page: str, pointer: str) -> str:
        """Return where a figure of a page stands as JSON."""
        if self.base is None:
            return "#json"
        at = f"{'&' if '?' in page else '?'}at={quote(pointer)}" if pointer else ""
        return f"{self.base}/json/{page}{at}"


def render(
    template: str, document: Document, links: Links, page: str, **more: Any
) -> Iterator[str]:
    """Return a page piece by piece, so that whoever sends it can pause in between.

    `page` is its path below the console, already quoted.
    """
    context = {
        "doc": document,
        "links": links,
        "page": page,
        "figure": figures(document, links, page),
        **more,
    }
    pieces: Iterator[str] = _environment().get_template(template).generate(context)
    return pieces


@cache
def style() -> str:
    """Return the style sheet."""
    return (files(_PACKAGE) / "style.css").read_text("utf-8")


@cache
def prepare() -> None:
    """Compile the templates: some 100 ms, once a process."""
    environment = _environment()
    for name in environment.list_templates(["html"]):
        environment.get_template(name)


@cache
def _environment() -> Any:
    with needs("console"):
        import jinja2

    made = jinja2.Environment(
        loader=jinja2.PackageLoader(_PACKAGE),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(FORMS)
    made.globals.update(
        actions=bars.actions, spark=bars.spark, leak=curve.leak, graph=graph.graph, heat=heat.heat,
        scatter=scatter.scatter, waterfall=waterfall.waterfall, words=words,
    )  # fmt: skip
    return made


def figures(document: Document, links: Links, page: str, scope: str = "") -> Callable[..., Markup]:
    """Return what writes figures of a document; pointers begin at `scope`."""

    def figure(pointer: str, form: str = "count", kind: str = "") -> Markup:
        """Return a figure of the document as a link to where it stands as JSON."""
        pointer = scope + pointer
        value = resolve(document, pointer)
        address = links.json(page, pointer)
        shown = "—" if value is None else FORMS[form](value)
        return Markup(  # noqa: S704 - every value is escaped
            f'<a class="figure {escape(kind)}" tabindex="-1" href="{escape(address)}">'
            f'<data value="{escape(value)}" data-at="{escape(pointer)}">{escape(shown)}</data></a>'
        )

    return figure


def resolve(document: Any, pointer: str) -> Any:
    """Return what a JSON Pointer names. Raises `LookupError` where it names nothing."""
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        document = document[int(key)] if isinstance(document, list | tuple) else document[key]
    return document


def pointer(*keys: object) -> str:
    """Return the JSON Pointer of nested keys."""
    return "".join(f"/{str(key).replace('~', '~0').replace('/', '~1')}" for key in keys)


def moment(seconds: float) -> Markup:
    """Write a time for people and for machines."""
    if seconds >= NO_END:
        return Markup(written(seconds))  # noqa: S704 - words of ours
    machines, people = "%Y-%m-%dT%H:%M:%SZ", "%d %b %Y, %H:%M UTC"
    tag = written(seconds, f'<time datetime="{machines}">{people}</time>')
    return Markup(tag)  # noqa: S704 - digits alone


def _count(value: float) -> str:
    return f"{value:,.0f}"


def _share(value: float) -> str:
    return f"{100 * value:.1f} %" if 0 < value < 0.1 else f"{100 * value:.0f} %"


def _nats(value: float) -> str:
    return f"{value:+.2f}".replace("-", "\N{MINUS SIGN}")


def _rho(value: float) -> str:
    return f"{value:.3f}".replace("-", "\N{MINUS SIGN}")


def _word(value: str) -> str:
    return visible(str(value)).replace("_", " ")


def _duration(seconds: float) -> str:
    for size, unit in ((86_400.0, "days"), (3600.0, "hours"), (60.0, "minutes")):
        if seconds >= size:
            number = seconds / size
            return f"{number:.0f} {unit if number >= 2 else unit.removesuffix('s')}"
    return f"{seconds:.0f} seconds"


FORMS: Mapping[str, Callable[..., Any]] = {
    "count": _count,
    "share": _share,
    "nats": _nats,
    "rho": _rho,
    "word": _word,
    "moment": moment,
    "duration": _duration,
    "number": lambda value: f"{value:,.12g}",
    "rare": lambda share: f"1 in {1 / share:,.0f}",
    "micro": lambda seconds: f"{1e6 * seconds:,.0f} µs",
    "visible": lambda value: visible(str(value)),
    "pointed": lambda keys: pointer(*keys),
}
"""How values are written, by the name that templates use."""
