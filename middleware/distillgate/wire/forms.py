"""Requests that come as forms: LiteLLM takes one on every path, and reads its fields as JSON's.

A body may be a form and JSON at once: `{"prompt":"one","x":"&prompt=another&y="}` is both. So a
form is one reading more, under the names that its fields have.
"""

import codecs
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any
from urllib.parse import unquote_plus

import orjson

from distillgate.errors import WireError
from distillgate.wire.bounds import WIDE, check, occurrences
from distillgate.wire.names import fold

FIELDS = 10_000
"""Fields of a form that are read; each costs some 2 µs. Starlette takes 1,000 of a multipart form,
and any number of the other kind."""
HEAD, HEADS = 1 << 12, 1 << 20
"""Bytes of a part's headers, and of all parts': browsers and SDKs send some 100; each is 80 ns."""
ESCAPES = 200_000
"""Bytes that are written as `%XX`: each costs up to 0.4 µs."""

_KINDS = ("application/x-www-form-urlencoded", "multipart/form-data")
_BOUNDARY = re.compile(r'boundary\s*=\s*(?:"([^"]+)"|([^\s;,"]+))', re.IGNORECASE)
_CHARSET = re.compile(r'charset\s*=\s*"?([\w.:-]+)', re.IGNORECASE)
_NAME = re.compile(rb'(?=[\s;]name\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+)))', re.IGNORECASE)
"""Looks ahead, so that a name within another parameter's quotes hides none behind it."""
_FILE = re.compile(rb"[\s;]filename\*?\s*=", re.IGNORECASE)
_PIECEMEAL = re.compile(r"(?:boundary|[\s;]name)\s*\*", re.IGNORECASE)
"""Parameters in the pieces of RFC 2231, which no client sends for a name, and Python joins."""
_SLOW = frozenset({"idna", "punycode"})
"""Charsets whose decoders take the square of the length."""
_OPENS = ("{", "[")

ASKING = frozenset({
    "messages", "message", "prompt", "prompts", "contents", "content", "input", "inputs",
    "instances", "text", "texts", "query", "queries", "question", "instruction", "instructions",
    "input_ids", "token_ids", "prompt_token_ids", "conversation", "chat_history", "requests",
})  # fmt: skip
"""Under one of these every model call has what it asks. What has none is no form of a call: JSON
that a client did not say the type of (curl's `-d`) is a form with names that nobody looks for."""


def is_form(content_type: str) -> bool:
    """Return whether a content type is a form's."""
    kind = content_type.lower()
    return "form" in kind and kind.partition(";")[0].strip() in _KINDS


def documents(body: bytes, content_type: str) -> Iterator[bytes]:
    """Yield the JSON objects that hosts make of a form; none for what is no form of a call.

    Starlette reads parts by the type's charset, which other hosts do not look at. Raises
    `WireError` where it has more than is read, or is written as no client writes one.
    """
    if not content_type.strip().lower().startswith("multipart"):
        found = [_pairs(body)]
    else:
        named = _CHARSET.search(content_type)
        charsets = dict.fromkeys(("utf-8", named[1].lower() if named else "utf-8"))
        found = [_parts(body, content_type, charset) for charset in charsets]
    for pairs in found:
        if written := _written(list(islice(pairs, FIELDS + 1))):
            yield written


def _written(pairs: list[tuple[str, str]]) -> bytes | None:
    """Write fields as an object: one that comes again is a list, and JSON is what it holds."""
    if len(pairs) > FIELDS:
        raise _beyond("more fields")
    if ASKING.isdisjoint(fold(name) for name, _ in pairs):
        return None
    # Before any is parsed, as for any JSON (`wire.bounds`): what they hold together.
    check("".join(value for _, value in pairs if value[:1] in _OPENS).encode(), WIDE)
    fields: dict[str, list[Any]] = {}
    for name, value in pairs:
        fields.setdefault(name, []).append(_value(value))
    return orjson.dumps(
        {name: values[0] if len(values) == 1 else values for name, values in fields.items()}
    )


def _beyond(what: str) -> WireError:
    return WireError(f"the form has {what} than are read", reason="complex")


def _pairs(body: bytes) -> Iterator[tuple[str, str]]:
    if occurrences(body, b"%") > ESCAPES:
        raise _beyond("more escapes")
    for field in body.split(b"&", FIELDS):
        name, _, value = field.partition(b"=")
        yield _plain(name), _plain(value)


def _plain(text: bytes) -> str:
    return unquote_plus(text.decode("utf-8", "replace"))


def _parts(body: bytes, content_type: str, charset: str) -> Iterator[tuple[str, str]]:
    boundaries = {one or other for one, other in _BOUNDARY.findall(content_type)}
    if len(boundaries) > 1 or _PIECEMEAL.search(content_type):
        raise _beyond("more boundaries")
    for boundary in boundaries:
        mark = re.escape(b"\r\n--" + boundary.encode("latin-1", "replace"))
        left = HEADS
        for part in re.split(mark + rb"(?=\r\n|--)", b"\r\n" + body, maxsplit=FIELDS + 1)[1:]:
            ends = part.find(b"\r\n\r\n", 0, min(HEAD, left))
            if ends >= 0:
                left -= ends
                yield from _part(part[:ends], part[ends + 4 :], charset)
            elif len(part) >= min(HEAD, left):
                raise _beyond("longer headers")


def _part(head: bytes, value: bytes, charset: str) -> Iterator[tuple[str, str]]:
    """Yield a part under the name it has: a text, or a file that is one."""
    names = {name or bare for name, bare in _NAME.findall(head)}
    if len(names) > 1 or _PIECEMEAL.search(head.decode("latin-1")):
        raise _beyond("more names for a field")
    for name in names:
        try:
            text = value.decode() if _FILE.search(head) else _decoded(value, charset)
        except UnicodeDecodeError:  # a picture
            continue
        yield _decoded(name, charset), text


def _decoded(data: bytes, charset: str) -> str:
    """Decode as Starlette does, and leave out what is no character."""
    try:
        charset = codecs.lookup(charset).name
    except LookupError:
        charset = "latin-1"
    if charset in _SLOW:
        raise WireError("the form's charset is not read", reason="encoding")
    try:
        return data.decode(charset).encode("utf-8", "replace").decode()
    except (ValueError, LookupError):
        return data.decode("latin-1")


def _value(text: str) -> Any:
    if text[:1] in _OPENS:
        try:
            orjson.loads(text)
        except orjson.JSONDecodeError:
            return text
        return orjson.Fragment(text)  # as it is: what is nested deeply cannot be written anew
    return text
