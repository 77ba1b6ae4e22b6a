"""`config.example.yaml`, written from the code: every key, its default, one line why."""

import json
import sys
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from distillgate.config.document import resolve
from distillgate.config.nearest import item_settings
from distillgate.config.schema import Config
from distillgate.settings import Settings

SCHEMA_FILE = "distillgate.schema.json"
"""What the example's first line calls the schema, beside the file itself."""

_WIDTH = 100
_HEAD = f"""\
# yaml-language-server: $schema=./{SCHEMA_FILE}
#
# Every key of distillgate with its default; a file needs only the keys it changes.
# Editors check it as you type beside `distillgate schema > {SCHEMA_FILE}`.
# `${{NAME}}` and `${{NAME:-default}}` in a value are taken from the environment.
"""


def render(settings: Settings | None = None) -> str:
    """Write the example; without `settings`, of the defaults."""
    lines = _section(Config() if settings is None else settings, "", top=True)
    return _HEAD + "\n".join(lines) + "\n"


def _section(settings: Settings, indent: str, *, top: bool = False) -> Iterator[str]:
    fields, texts = list(type(settings).model_fields.items()), type(settings).descriptions()
    if top:
        # What is set most comes first: the few keys that are no section.
        fields.sort(key=lambda item: isinstance(getattr(settings, item[0]), Settings))
    for name, field in fields:
        value = getattr(settings, name)
        if top:
            yield ""
        yield from _comment(texts.get(name, ""), indent)
        yield from _entry(name, value, indent)
        item = item_settings(field.annotation)
        if item is not None and not value:
            yield from _sample(item, isinstance(value, Mapping), indent)


def _comment(text: str, indent: str) -> list[str]:
    paragraph = " ".join(text.split("\n\n", 1)[0].split())
    return textwrap.wrap(
        paragraph,
        _WIDTH,
        initial_indent=f"{indent}# ",
        subsequent_indent=f"{indent}# ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def _entry(name: str, value: Any, indent: str) -> Iterator[str]:
    below = indent + "  "
    if isinstance(value, Settings):
        empty = not type(value).model_fields
        yield f"{indent}{name}: {{}}" if empty else f"{indent}{name}:"
        yield from _section(value, below)
    elif isinstance(value, Mapping) and value:
        yield f"{indent}{name}:"
        for key, inner in value.items():
            yield from _entry(_scalar(key), inner, below)
    elif isinstance(value, tuple | list | set | frozenset) and value:
        yield f"{indent}{name}:"
        items = sorted(value) if isinstance(value, set | frozenset) else value
        for inner in items:
            yield from _item(inner, below)
    else:
        yield f"{indent}{name}: {_scalar(value)}"


def _item(value: Any, indent: str) -> Iterator[str]:
    if not isinstance(value, Settings):
        yield f"{indent}- {_scalar(value)}"
        return
    lines = list(_section(value, indent + "  "))
    first = next(i for i, line in enumerate(lines) if not line.lstrip().startswith("#"))
    lines[first] = f"{indent}- {lines[first].lstrip()}"
    yield from lines


def _sample(item: type[Settings], is_mapping: bool, indent: str) -> Iterator[str]:
    """Show, commented out, what an entry of an empty mapping or list may hold."""
    yield f"{indent}# for example:"
    shown = item.model_construct()
    required = {name: "..." for name, field in item.model_fields.items() if field.is_required()}
    shown = shown.model_copy(update=required)
    inner = _entry("NAME", shown, "  ") if is_mapping else _item(shown, "  ")
    for line in inner:
        yield f"{indent}# {line}"


def _scalar(value: Any) -> str:
    """Write a value so that reading it gives the same value back."""
    if isinstance(value, str):
        plain = value.replace("_", "a").replace("-", "a").replace("/", "a").replace(".", "a")
        if plain.isascii() and plain.isalnum() and resolve(value) == value and value[0] not in "-.":
            return value
        return json.dumps(value.replace("${", "$${"), ensure_ascii=False)
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        return ".inf" if value > 0 else "-.inf"
    if isinstance(value, tuple | list | set | frozenset):
        return "[]"
    if isinstance(value, Mapping):
        return "{}"
    return json.dumps(value)


if __name__ == "__main__":
    sys.stdout.write(render())
