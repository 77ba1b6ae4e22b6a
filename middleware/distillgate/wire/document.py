"""The JSON behind the bytes, read as leniently as the most lenient upstream reads it.

What one parser refuses and another accepts is a way past the gate: a body it cannot read goes to
the upstream unjudged. orjson reads what is well formed. What it refuses is mended the way the
laxer parsers take it (the standard library, on which FastAPI hosts stand; pydantic; Go's decoder)
and read again:

* a byte order mark, UTF-16, UTF-32, surrogates in UTF-8: decoded as `json.loads` does;
* lone surrogates: become U+FFFD, so that no later stage meets text that cannot be encoded;
* NaN, Infinity, numbers past a double: the standard library's floats;
* anything after the first value: ignored, as Go's `json.Decoder` does.
"""

import json
import re
from typing import Any

import orjson

from distillgate.errors import WireError

_ESCAPED = (
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[dD][89a-fA-F][0-9a-fA-F]{2}"
)
_SURROGATE = re.compile(rf"(?<!\\)((?:\\\\)*)({_ESCAPED})")
"""An escaped surrogate or pair, after any number of escaped backslashes."""

_PAIR = len(r"\ud83d\ude00")
_LAX = json.JSONDecoder()


def read(body: bytes) -> Any:
    """Read JSON. Raises `WireError` for what no upstream takes, and never anything else.

    Pure, and safe in a worker thread; but a parser holds the interpreter lock while it runs, so a
    thread spares the event loop only the work after it.
    """
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        pass  # not the answer yet: a laxer upstream may read it
    if not body or body.isspace():
        raise WireError("the body is empty")
    try:
        return _mend(body)
    except (ValueError, RecursionError) as error:  # UnicodeDecodeError is a ValueError
        raise WireError(f"the body is not JSON: {error}") from error


def write(document: Any) -> bytes:
    """Write JSON. Whatever `read` gave can be written: numbers past 64 bits too; NaN is null.

    Raises `WireError` where a value is nested past the writer's depth.
    """
    try:
        return orjson.dumps(document)
    except TypeError:  # orjson.JSONEncodeError is one
        pass
    try:
        return json.dumps(document, separators=(",", ":")).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise WireError(f"the document cannot be written: {error}") from error


def _mend(body: bytes) -> Any:
    text = body.decode(json.detect_encoding(body), "surrogatepass")
    text = _SURROGATE.sub(_replace_lone, text)
    try:
        text.encode()
    except UnicodeEncodeError:
        # UTF-16 joins halves that belong together and tells the others apart.
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return _LAX.raw_decode(text.lstrip(" \t\r\n"))[0]


def _replace_lone(match: re.Match[str]) -> str:
    backslashes, escape = match.groups()
    return match[0] if len(escape) == _PAIR else backslashes + r"\ufffd"
