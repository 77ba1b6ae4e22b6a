"""Requests that come as forms: LiteLLM takes one on every path, and reads its fields as JSON's.

A body may be a form and JSON at once: `{"prompt":"one","x":"&prompt=another&y="}` is both. So a
form is one reading more, under the names that its fields have.
"""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote_plus

import orjson

from distillgate.errors import WireError
from distillgate.wire.names import fold

FIELDS = 10_000
"""Fields of a form that are read; each costs some 2 µs. Starlette takes 1,000 of a multipart form,
and any number of the other kind."""

_JSON_LIMIT = 1 << 18
"""Characters of a field that is read as the JSON that it holds; what is longer is a text."""

_KINDS = ("application/x-www-form-urlencoded", "multipart/form-data")
_BOUNDARY = re.compile(r'boundary\s*=\s*(?:"([^"]+)"|([^\s;,"]+))', re.IGNORECASE)
_NAME = re.compile(rb'[\s;]name\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))', re.IGNORECASE)
_ASKED = frozenset({
    "messages", "prompt", "input", "inputs", "contents", "text", "texts", "query", "message",
})  # fmt: skip
"""Fields of which a call has one. What has none is no form of a call: JSON that a client did not
say the type of (curl's `-d`) is a form with names that nobody looks for."""


def is_form(content_type: str) -> bool:
    """Return whether a content type is a form's."""
    kind = content_type.lower()
    return "form" in kind and kind.partition(";")[0].strip() in _KINDS


def document(body: bytes, content_type: str) -> bytes | None:
    """Write a form as the JSON object that a host makes of it; None for what is no form of a call.

    A field that comes again is a list, and one that holds JSON is what it holds. Files are left
    out, but for those that are text. Raises `WireError` where it has more than `FIELDS`.
    """
    multipart = content_type.strip().lower().startswith("multipart")
    pairs = _parts(body, content_type) if multipart else _pairs(body)
    fields: dict[str, list[Any]] = {}
    for number, (name, value) in enumerate(pairs):
        if number == FIELDS:
            raise WireError("the form has more fields than are read", reason="complex")
        fields.setdefault(name, []).append(_value(value))
    if _ASKED.isdisjoint(map(fold, fields)):
        return None
    return orjson.dumps(
        {name: values[0] if len(values) == 1 else values for name, values in fields.items()}
    )


def _pairs(body: bytes) -> Iterator[tuple[str, str]]:
    for field in body.split(b"&", FIELDS):
        name, _, value = field.partition(b"=")
        yield _plain(name), _plain(value)


def _plain(text: bytes) -> str:
    return unquote_plus(text.decode("utf-8", "replace"))


def _parts(body: bytes, content_type: str) -> Iterator[tuple[str, str]]:
    boundary = _BOUNDARY.search(content_type)
    if boundary is None:
        return
    mark = b"--" + (boundary[1] or boundary[2]).encode("latin-1", "replace")
    for part in body.split(mark, FIELDS + 1)[1:]:
        head, ended, value = part.partition(b"\r\n\r\n")
        name = _NAME.search(head)
        if not ended or name is None:
            continue
        try:
            yield (name[1] or name[2] or b"").decode("utf-8", "replace"), _text(value)
        except UnicodeDecodeError:
            continue


def _text(value: bytes) -> str:
    return value.removesuffix(b"\r\n").decode()


def _value(text: str) -> Any:
    if text[:1] in ("{", "[") and len(text) <= _JSON_LIMIT:
        try:
            return orjson.loads(text)
        except orjson.JSONDecodeError:
            return text
    return text
