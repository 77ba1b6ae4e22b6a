"""Write what follows from the code: `docs/reference`, and `config.example.yaml`."""  # noqa: INP001  # a script, not a package

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from pydantic_core import to_jsonable_python
from tools import example

from distillgate.config.document import dotted
from distillgate.config.nearest import item_settings
from distillgate.config.schema import Config
from distillgate.policy.plans import PlanSettings
from distillgate.settings import Settings
from distillgate.signals.registry import ACCOUNT, GROUP

ROOT = Path(__file__).parent.parent
REFERENCE = ROOT / "docs" / "reference"
_WRITTEN = "<!-- Written by `python -m tools.reference`: change the code, not this page. -->"


def detectors() -> str:
    """Describe every detector, a row each, from its registration."""
    lines = [
        "# Detectors",
        "",
        _WRITTEN,
        "",
        "What each detector asks, of which family its evidence is, which indicator of the advisory",
        "AA26-251A it is, and who does the same in good faith.",
        "",
        "## Of single accounts",
        "",
        "| detector | asks | family | indicator | in good faith |",
        "|---|---|---|---|---|",
        *(
            f"| `{d.name}` | {d.asks} | {d.family} | {d.indicator or ''} | {d.doubt.honest} |"
            for d in ACCOUNT
        ),
        "",
        "## Of groups",
        "",
        "Asked when a group was examined, from top to bottom. What they weigh was measured on",
        "public text (`distillgate/data/priors.json`, with where each number is from).",
        "",
        "| detector | asks | signals | family | may be off | in good faith |",
        "|---|---|---|---|---|---|",
        *(
            f"| `{d.name}` | {d.asks} | {', '.join(f'`{name}`' for name in d.signals)} "
            f"| {d.family} | {'yes' if d.accuses else ''} | {d.doubt.honest} |"
            for d in GROUP
        ),
    ]
    return "\n".join(lines) + "\n"


def settings() -> str:
    """Describe every setting: a section of the page each of the file's, a row each key."""
    config, texts = Config(), Config.descriptions()
    lines = [
        "# Settings",
        "",
        _WRITTEN,
        "",
        "Every key of the configuration, with its default. A file needs only the keys it changes;",
        "[config.example.yaml](../../config.example.yaml) shows those that people set, and",
        "`distillgate schema` writes them for editors and programs.",
    ]
    top = list(_rows(config, (), deep=False))
    lines += ["", *_HEAD_OF_ROWS, *top]
    for name in Config.model_fields:
        section = getattr(config, name)
        if isinstance(section, Settings):
            lines += ["", f"## `{name}`", "", texts[name], "", *_HEAD_OF_ROWS]
            lines += _rows(section, (name,))
    return "\n".join(lines) + "\n"


_HEAD_OF_ROWS = ("| key | default | |", "|---|---|---|")


def _rows(section: Settings, above: tuple[str, ...], *, deep: bool = True) -> Iterator[str]:
    texts = type(section).descriptions()
    for name, field in type(section).model_fields.items():
        value, path = getattr(section, name), (*above, name)
        if isinstance(value, Settings):
            if deep:
                yield from _rows(value, path)
            continue
        text = " ".join(texts.get(name, "").split()).replace("|", "\\|")
        yield f"| `{dotted(path)}` | `{_written(value)}` | {text} |"
        item = item_settings(field.annotation)
        if item is not None and item is not PlanSettings:  # as `policy.plans.default`
            yield from _of_items(item, path)


def _of_items(item: type[Settings], path: tuple[str, ...]) -> Iterator[str]:
    texts = item.descriptions()
    for name, field in item.model_fields.items():
        default = "required" if field.is_required() else f"`{_written(field.default)}`"
        text = " ".join(texts.get(name, "").split())
        yield f"| `{dotted(path)}[].{name}` | {default} | {text} |"


def _written(value: Any) -> str:
    if isinstance(value, frozenset):
        value = sorted(value)
    return json.dumps(to_jsonable_python(value), ensure_ascii=False)


PAGES: dict[str, Callable[[], str]] = {"detectors.md": detectors, "settings.md": settings}
"""The pages, by the names of their files."""


def differing() -> Iterator[str]:
    """Name the pages that are not what the code says."""
    for name, render in PAGES.items():
        path = REFERENCE / name
        if not path.exists() or path.read_text() != render():
            yield name


def main() -> None:
    """Write every page, and the example."""
    REFERENCE.mkdir(exist_ok=True)
    (ROOT / "config.example.yaml").write_text(example.render())
    for name, render in PAGES.items():
        (REFERENCE / name).write_text(render())


if __name__ == "__main__":
    main()
