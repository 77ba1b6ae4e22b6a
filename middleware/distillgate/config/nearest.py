"""What was probably meant by a key that nobody reads, or a file that is not there."""

import difflib
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin

from distillgate.config.document import KeyPath, dotted
from distillgate.settings import Settings
from distillgate.text import nearest


def suggest(schema: type[Settings], path: KeyPath) -> str:
    """Return what `path`, whose last part is unknown, could have been meant to be."""
    *parents, last = path
    here = settings_at(schema, tuple(parents))
    if here is None:
        return ""
    written = str(last).lower().replace("-", "_")
    near = difflib.get_close_matches(written, here.model_fields, n=1, cutoff=0.6)
    if near:
        return f"did you mean `{near[0]}`?"
    elsewhere = [dotted(found) for found in _paths(schema) if found[-1] == written]
    if elsewhere:
        return "did you mean " + " or ".join(f"`{name}`" for name in elsewhere[:3]) + "?"
    return "known here: " + ", ".join(here.model_fields)


def nearest_path(name: str) -> str:
    """Return a hint at what is there in place of a path's first part that is not."""
    path = Path(name).absolute()
    missing = [path, *path.parents]
    while len(missing) > 1 and missing[-1].exists():
        folder = missing.pop()
    first = missing[-1]
    try:
        there = [one.name for one in folder.iterdir()]
    except OSError:
        return ""
    return nearest(first.name, there)


def settings_at(schema: type[Settings], path: KeyPath) -> type[Settings] | None:
    """Find the settings class that reads the mapping at `path`; None where none does."""
    kind: Any = schema
    for part in path:
        if isinstance(kind, type) and issubclass(kind, Settings):
            field = kind.model_fields.get(str(part))
            kind = field.annotation if field else None
        else:
            kind = _item(kind)
        kind = _without_none(kind)
    return kind if isinstance(kind, type) and issubclass(kind, Settings) else None


def item_settings(annotation: Any) -> type[Settings] | None:
    """Find the settings class of a mapping's values or a list's items; None where there is none."""
    kind = _without_none(_item(_without_none(annotation)))
    return kind if isinstance(kind, type) and issubclass(kind, Settings) else None


def _item(kind: Any) -> Any:
    arguments = get_args(kind)
    if not arguments:
        return None
    origin = get_origin(kind)
    is_mapping = isinstance(origin, type) and issubclass(origin, Mapping)
    return arguments[1] if is_mapping and len(arguments) > 1 else arguments[0]


def _without_none(kind: Any) -> Any:
    if get_origin(kind) in (Union, UnionType):
        rest = [member for member in get_args(kind) if member is not type(None)]
        return rest[0] if len(rest) == 1 else kind
    return kind


def _paths(schema: type[Settings], above: KeyPath = ()) -> Iterator[KeyPath]:
    for name in schema.model_fields:
        yield (*above, name)
        inner = settings_at(schema, (name,))
        if inner is not None:
            yield from _paths(inner, (*above, name))
