"""A file becomes a `Config`, or one error that names everything wrong with the file."""

import json
import os
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from distillgate.config.document import Document, KeyPath, Problem, Spot, dotted, parse
from distillgate.config.nearest import nearest_path, suggest
from distillgate.config.removed import became_of
from distillgate.config.schema import Config
from distillgate.errors import ConfigError
from distillgate.settings import Settings
from distillgate.text import nearest

NAMED: tuple[KeyPath, ...] = (("risk", "calibration"),)
"""Settings whose value is the name of a file that holds them."""


def include(values: Any, document: Document) -> Iterator[Problem]:
    """Put files' contents in place of their names, in `values`; give what is wrong with them."""
    for path in NAMED:
        *sections, last = path
        section = values
        for part in sections:
            section = section.get(part) if isinstance(section, dict) else None
        name = section.get(last) if isinstance(section, dict) else None
        if isinstance(name, dict):
            line = document.spots.get(path, Spot(1)).line
            yield Problem(line, dotted(path), "names the file that `distillgate calibrate` wrote")
        if not isinstance(name, str):
            continue
        assert isinstance(section, dict)
        line = document.spots.get(path, Spot(1)).line
        section[last] = {}
        try:
            found = parse(Path(name).read_text("utf-8"), {})
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
            hint = "" if Path(name).exists() else nearest_path(name)
            yield Problem(line, dotted(path), f"{name}: cannot be read: {reason}{hint}")
            continue
        if found.problems or not isinstance(found.values, dict):
            yield Problem(line, dotted(path), f"{name}: not what `distillgate calibrate` writes")
            continue
        section[last] = found.values


_SettingsT = TypeVar("_SettingsT", bound=Settings)

_SECRETS = (("key",), ("secret",), ("url",))
"""How the paths of settings end that may hold a secret."""

_LISTS = frozenset({"tuple_type", "list_type", "set_type", "frozen_set_type"})
_KINDS = {dict: "a mapping", list: "a list", str: "text", bool: "a truth value", int: "an integer"}


def load(path: str | Path | None, *, environ: Mapping[str, str] | None = None) -> Config:
    """Read the configuration at `path`; without a path, give the defaults.

    Raises `ConfigError`, one line a mistake: `path:line: key.path: message`. `environ` stands in
    for the process's environment.
    """
    if path is None:
        return Config()
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror or error}") from None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{path}:{line}: not UTF-8") from None
    return read(text, Config, source=str(path), environ=environ)


def read(
    text: str,
    schema: type[_SettingsT],
    *,
    source: str,
    environ: Mapping[str, str] | None = None,
) -> _SettingsT:
    """Read YAML `text` as a `schema`; `source` is what errors call it. Raises `ConfigError`."""
    document = parse(text, os.environ if environ is None else environ)
    values = {} if document.values is None else document.values
    settings: _SettingsT | None = None
    problems = [*document.problems, *include(values, document)]
    try:
        settings = _validate(schema, values, document)
    except ValidationError as error:
        problems = [*problems, *_problems(error, schema, document)]
    if settings is None or problems:
        lines = dict.fromkeys(_line(problem, source) for problem in sorted(problems))
        raise ConfigError("\n".join(lines))
    return settings


def _validate(schema: type[_SettingsT], values: Any, document: Document) -> _SettingsT:
    """Validate strictly, by JSON's rules: YAML has no tuples, sets or enums to be strict about."""
    try:
        return schema.model_validate_json(json.dumps(values))
    except ValidationError as error:
        repaired = [_repair(values, found, document) for found in error.errors()]
        if not any(repaired):
            raise
    return schema.model_validate_json(json.dumps(values))


def _repair(values: Any, found: ErrorDetails, document: Document) -> bool:
    """Mend, in `values`, the two things that YAML writes like something else.

    A secret from the environment that happens to look like a number is text all the same, and a
    section whose keys are all commented out is an empty section.
    """
    path, spot = _place(found["loc"], document)
    if not path or path != found["loc"]:
        return False
    if found["type"] == "string_type" and spot.substituted:
        mended: Any = spot.text
    elif found["type"] in ("model_type", "dict_type") and found["input"] is None:
        mended = {}
    else:
        return False
    for part in path[:-1]:
        values = values[part]
    values[path[-1]] = mended
    return True


def _problems(error: ValidationError, schema: type[Settings], document: Document) -> list[Problem]:
    """Return each of pydantic's errors once, with its line; alternatives of one key together."""
    found: dict[tuple[int, str], list[str]] = {}
    for detail in error.errors(include_url=False):
        path, spot = _place(detail["loc"], document)
        if detail["type"] == "missing":
            path = detail["loc"]
        texts = found.setdefault((spot.line, dotted(path)), [])
        text = _included(detail, schema, path, spot) or _text(detail, schema, path, spot)
        if text not in texts:
            texts.append(text)
    return [Problem(line, key, "; or ".join(texts)) for (line, key), texts in found.items()]


def _included(detail: ErrorDetails, schema: type[Settings], path: KeyPath, spot: Spot) -> str:
    """Return what is wrong in a file that the configuration names; empty where nothing is."""
    location = detail["loc"]
    if path not in NAMED or path == location:
        return ""
    text = _text(detail, schema, location, Spot(spot.line))
    return f"{spot.text}: {dotted(location[len(path) :])}: {text}"


def _place(location: KeyPath, document: Document) -> tuple[KeyPath, Spot]:
    """Find where in the file an error stands; pydantic's locations end in names of types."""
    path: KeyPath = ()
    for part in location:
        if (*path, part) not in document.spots:
            break
        path = (*path, part)
    return path, document.spots.get(path, Spot(1))


def _text(detail: ErrorDetails, schema: type[Settings], path: KeyPath, spot: Spot) -> str:
    kind, value = detail["type"], detail["input"]
    if kind == "extra_forbidden":
        return became_of(path) or f"unknown key; {suggest(schema, path)}".removesuffix("; ")
    if kind == "missing":
        return "required, but not given"
    message = detail["msg"].removeprefix("Value error, ").replace("an object", "a mapping")
    message = message.replace("Input should", "should").replace("a valid array", "a list")
    if kind.endswith(("_type", "_parsing")):
        return f"{message}, not {_kind(value)}{_retyped(kind, value, path, spot)}"
    if kind == "value_error" or spot.text is None or _may_be_secret(path, spot):
        return message
    return f"{message}, not `{spot.text[:60]}`{_meant(detail, spot.text)}"


def _meant(detail: ErrorDetails, text: str) -> str:
    """Return a hint at the value that was meant, where one is near."""
    given = detail.get("ctx", {})
    if detail["type"] == "literal_error":
        return nearest(text.lower(), re.findall(r"'([^']+)'", str(given.get("expected"))))
    value = detail["input"]
    if given.get("le", given.get("lt")) == 1 and isinstance(value, int | float) and value <= 100:
        return f"; did you mean `{value / 100:g}`, a share?"
    pattern = given.get("pattern")
    rooted = pattern is not None and re.fullmatch(pattern, f"/{text}")
    return f"; did you mean `/{text}`?" if rooted else ""


def _retyped(kind: str, value: Any, path: KeyPath, spot: Spot) -> str:
    """Return a hint at what a value of the wrong type stands for."""
    if kind in _LISTS and spot.text and not _may_be_secret(path, spot):
        return f"; did you mean `[{spot.text[:60]}]`?"
    return _as_number(kind, value)


def _as_number(kind: str, value: Any) -> str:
    """Return a hint at the number that a text stands for: a date, or digits in quotes."""
    if not isinstance(value, str) or kind.partition("_")[0] not in ("float", "int"):
        return ""
    if re.fullmatch(r"-?\d+(\.\d+)?", value):
        return f"; did you mean `{value}` without quotes?"
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return ""
    return f"; did you mean {(at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp():.0f}?"


def _may_be_secret(path: KeyPath, spot: Spot) -> bool:
    """Return whether a value must not be repeated: it may hold a key or a password."""
    text = spot.text or ""
    return spot.substituted or "@" in text or "://" in text or path[-1:] in _SECRETS


def _kind(value: Any) -> str:
    if value is None:
        return "empty"
    return _KINDS.get(type(value), "a number")


def _line(problem: Problem, source: str) -> str:
    parts = (f"{source}:{problem.line}", problem.key, problem.text)
    return ": ".join(part for part in parts if part)
