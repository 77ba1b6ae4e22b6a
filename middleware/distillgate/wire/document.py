"""The JSON behind the bytes, read as leniently as the most lenient upstream reads it.

What one parser refuses and another accepts is a way past the gate: a body it cannot read goes to
the upstream unjudged. orjson reads what is well formed. What it refuses is read again by the
standard library, and what that refuses by `lenient`, so that all is read that some upstream reads
(FastAPI hosts, Go, Node, nlohmann):

* a byte order mark, UTF-16, UTF-32, surrogates in UTF-8: decoded as `json.loads` does;
* lone surrogates and bytes that are no UTF-8: become U+FFFD, as in Go and Node;
* NaN, Infinity, numbers past a double, integers of any length, any depth, comments;
* anything after the first value: ignored, as Go's `json.Decoder` does.
"""

import json
import re
from typing import Any

import orjson

from distillgate.errors import WireError
from distillgate.records import FrozenStruct
from distillgate.wire import lenient
from distillgate.wire.bounds import WIDE, Bounds, check, occurrences
from distillgate.wire.cover import Pairs

_ESCAPED = (
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[dD][89a-fA-F][0-9a-fA-F]{2}"
)
_SURROGATE = re.compile(rf"({_ESCAPED})")
"""What is an escaped surrogate or pair, where the backslash before it is not escaped itself."""

_ENCODED_WRONG = 1 << 20
"""Bytes of a body that is not in its encoding: each error takes a tenth of a microsecond, and all
of them one call, during which no other thread runs."""

_PAIR = len(r"\ud83d\ude00")
_ESCAPED_QUOTE = rb"\u0022"


class Document(FrozenStruct, frozen=True):
    """What a body holds."""

    value: Any
    ambiguous: bool = False
    """A key is repeated with another value: `value` holds both (`wire.cover`)."""


def read(body: bytes, bounds: Bounds = WIDE) -> Any:
    """Read JSON; of a repeated key, the last value. Raises `WireError`, and never anything else.

    `bounds` are on what only the slow reader takes: answers are read on the event loop.

    Pure, and safe in a worker thread; but a parser holds the interpreter lock while it runs, so a
    thread spares the event loop only the work after it.
    """
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return _mended(body, bounds, Pairs())


def read_request(body: bytes, bounds: Bounds = WIDE) -> Document:
    """Read JSON so that what is judged holds whatever an upstream reads.

    Raises `WireError` for what no upstream takes, and for what holds more than `bounds`.
    """
    check(body, bounds)
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        pass  # not the answer yet: a laxer upstream may read it
    else:
        if _repeats_nothing(body, value):
            return Document(value)
    pairs = Pairs()
    return Document(_mended(body, bounds, pairs), pairs.ambiguous)


def write(document: Any) -> bytes:
    """Write JSON. Whatever `read` gave can be written: any depth, and numbers past 64 bits; NaN is
    null. Raises `WireError` for what is no JSON.
    """
    try:
        return orjson.dumps(document)
    except TypeError:  # orjson.JSONEncodeError is one
        pass
    try:
        return b"".join(lenient.write(document))
    except (TypeError, ValueError) as error:
        raise WireError(f"the document cannot be written: {error}") from error


def _repeats_nothing(body: bytes, value: Any) -> bool:
    r"""Return True where no key of `body` can be repeated: written again, it has as many quotes.

    What is repeated is read once only, and written it lacks at least the two quotes of its key.
    White space, escapes and how numbers are spelt change no count, but for the escape that stands
    for a quote (`\u0022`, as .NET writes it, becomes `\"`): each of those counts as one.
    """
    try:
        written = orjson.dumps(value)
    except TypeError:  # nested past the writer's depth
        return False
    if written == body:
        return True
    before, after = occurrences(body, b'"'), occurrences(written, b'"')
    if before > after:
        return False
    escaped = occurrences(body, _ESCAPED_QUOTE) if b"\\" in body else 0
    # What reads as such an escape in the end may not have been one.
    return before + escaped == after and not (escaped and occurrences(written, _ESCAPED_QUOTE))


def _mended(body: bytes, bounds: Bounds, pairs: Pairs) -> Any:
    if not body or body.isspace():
        raise WireError("the body is empty")
    try:
        text = _text(body)
        try:
            decoder = json.JSONDecoder(
                object_pairs_hook=pairs, parse_int=lenient.integer, strict=False
            )
            return decoder.raw_decode(text.lstrip(" \t\r\n\ufeff"))[0]
        except (ValueError, RecursionError):
            _check_length(body, bounds.mended)
            pairs.ambiguous = False
            return lenient.read(text, pairs)
    except (ValueError, RecursionError) as error:  # UnicodeDecodeError is a ValueError
        raise WireError(f"the body is not JSON: {error}") from error


def _text(body: bytes) -> str:
    encoding = json.detect_encoding(body)
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError:
        _check_length(body, _ENCODED_WRONG)
        text = _decoded(body, encoding)
    return _SURROGATE.sub(_replace_lone, text) if "\\u" in text else text


def _decoded(body: bytes, encoding: str) -> str:
    try:
        text = body.decode(encoding, "surrogatepass")
    except UnicodeDecodeError:
        text = body.decode(encoding, "replace")
    # UTF-16 joins halves that belong together and tells the others apart.
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _check_length(body: bytes, most: int) -> None:
    if len(body) > most:
        raise WireError("the body is too long to be mended", reason="complex")


def _replace_lone(match: re.Match[str]) -> str:
    text, at = match.string, match.start()
    before = at
    while before and text[before - 1] == "\\":
        before -= 1
    whole = len(match[0]) == _PAIR
    if (at - before) % 2:  # the backslash is escaped; the second of a pair then stands alone
        return match[0][: _PAIR // 2] + (r"\ufffd" if whole else "")
    return match[0] if whole else r"\ufffd"
