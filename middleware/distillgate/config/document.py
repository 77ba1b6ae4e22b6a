"""YAML as values that remember their lines.

Scalars follow the YAML 1.2 core schema (`on`, `no` and `1:30` are text, `1e-3` is a number), which
is what people mean and what editors check. `${NAME}` and `${NAME:-default}` in a value are taken
from the environment; `$${` is a plain `${`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

import yaml

from distillgate.text import nearest

NODES_LIMIT = 100_000
"""Values one file may expand to, so that aliases of aliases end early."""

KeyPath: TypeAlias = tuple[str | int, ...]
"""Keys and list positions from the file's top to a value."""

# Python refuses to read integers of more than 4,300 digits; nobody means one.
_LONGEST_NUMBER = 64
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_WORDS: dict[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf"), float("inf")),
    "-.inf": float("-inf"),
}
_REPEATED = re.compile(r"(?<=found )(undefined alias|undefined tag handle|duplicate anchor) .*")
"""Where YAML's own errors repeat a value: a password may begin with `*`, `&` or `!`."""
_REFERENCE = re.compile(r"\$(?:(\$\{)|\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}|(\{))")
_MAP, _SEQ, _STR = (f"tag:yaml.org,2002:{name}" for name in ("map", "seq", "str"))


class Problem(NamedTuple):
    """One thing wrong with a file: where, under which key, and what."""

    line: int
    key: str
    text: str


class Spot(NamedTuple):
    """Where a value stands; for a scalar also its text, and whether the environment gave it."""

    line: int
    text: str | None = None
    substituted: bool = False


@dataclass(slots=True)
class Document:
    """A file's values, the spots they stand at, and what was wrong while reading them."""

    values: Any = None
    spots: dict[KeyPath, Spot] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def parse(text: str, environ: Mapping[str, str]) -> Document:
    """Read one YAML document. Never raises for what the text holds: see `Document.problems`."""
    document = Document()
    try:
        root = yaml.compose(text, Loader=yaml.BaseLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what = " ".join(part for part in (error.context, error.problem) if part)
        what = _REPEATED.sub(r"\1", what)
        document.problems.append(Problem(mark.line + 1 if mark else 1, "", f"not YAML: {what}"))
    except yaml.YAMLError as error:
        what = getattr(error, "reason", None) or str(error)
        document.problems.append(Problem(1, "", f"not YAML: {what}"))
    except RecursionError:
        document.problems.append(Problem(1, "", "not YAML: nested too deep"))
    else:
        if root is not None:
            try:
                document.values = _Builder(document, environ).build(root, ())
            except _EndlessError as error:
                document.problems = [Problem(error.line, "", str(error))]
    return document


def dotted(path: KeyPath) -> str:
    """Write a path as people do: `policy.plans.pro`, `asgi.trusted[0]`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def resolve(text: str) -> Any:
    """Read a plain scalar by the YAML 1.2 core schema (section 10.3.2 of its specification)."""
    if text in _WORDS:
        return _WORDS[text]
    if len(text) > _LONGEST_NUMBER:
        return text
    if _INTEGER.fullmatch(text):
        digits = text.lstrip("+-")
        # `0123` is decimal in YAML 1.2; Python's base 0 refuses it.
        return int(text, 0) if digits[:2] in ("0x", "0o") else int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    return text


class _EndlessError(Exception):
    """The file's aliases lead to itself, or to too much."""

    def __init__(self, line: int, text: str) -> None:
        super().__init__(text)
        self.line = line


class _Builder:
    """Turns YAML nodes into values, noting spots and problems."""

    def __init__(self, document: Document, environ: Mapping[str, str]) -> None:
        self._document = document
        self._environ = environ
        self._open: set[int] = set()
        self._left = NODES_LIMIT

    def build(self, node: yaml.Node, path: KeyPath) -> Any:
        line = node.start_mark.line + 1
        self._left -= 1
        if self._left < 0:
            raise _EndlessError(line, f"expands to more than {NODES_LIMIT} values")
        if node.tag not in (_MAP, _SEQ, _STR):
            self._complain(line, path, "a tag (`!…`) is not understood here: put it in quotes")
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, path, line)
        self._document.spots[path] = Spot(line)
        if id(node) in self._open:
            raise _EndlessError(line, "an alias contains itself")
        self._open.add(id(node))
        try:
            if isinstance(node, yaml.MappingNode):
                return self._mapping(node, path)
            return [self.build(child, (*path, i)) for i, child in enumerate(node.value)]
        finally:
            self._open.discard(id(node))

    def _mapping(self, node: yaml.MappingNode, path: KeyPath) -> dict[str, Any]:
        values: dict[str, Any] = {}
        lines: dict[str, int] = {}
        for key, child in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                self._complain(line, path, "a key must be plain text")
                continue
            here = (*path, key.value)
            if key.value == "<<":
                self._complain(line, here, "merge keys are not supported: write the keys out")
            elif key.value in values:
                self._complain(line, here, f"given twice, first on line {lines[key.value]}")
            else:
                values[key.value] = self.build(child, here)
                lines[key.value] = line
                # An error is looked for at the key, also where an alias put the value elsewhere.
                self._document.spots[here] = self._document.spots[here]._replace(line=line)
        return values

    def _scalar(self, node: yaml.ScalarNode, path: KeyPath, line: int) -> Any:
        text = _REFERENCE.sub(lambda found: self._reference(found, path, line), node.value)
        self._document.spots[path] = Spot(line, text, text != node.value)
        return resolve(text) if node.style is None else text

    def _reference(self, found: re.Match[str], path: KeyPath, line: int) -> str:
        escaped, name, default, malformed = found.groups()
        if escaped:
            return "${"
        if malformed:
            self._complain(
                line, path, "unreadable `${`: write ${NAME}, ${NAME:-default}, or $${ for itself"
            )
            return ""
        value = self._environ.get(name)
        if value is None and default is None:
            self._complain(
                line,
                path,
                f"the environment has no {name}: set it, or write ${{{name}:-default}}"
                f"{nearest(name, self._environ)}",
            )
        return value or default or ""

    def _complain(self, line: int, path: KeyPath, text: str) -> None:
        self._document.problems.append(Problem(line, dotted(path), text))
