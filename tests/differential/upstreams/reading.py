"""How three kinds of Python servers read a body and a path: strictly, usually, and leniently."""

import gzip
import json
import re
import sys
import zlib
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote

import brotli
import orjson

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

OPERATIONS = {
    "/v1/chat/completions": "chat",
    "/v1/completions": "completions",
    "/v1/responses": "responses",
    "/v1/embeddings": "embeddings",
    "/v1/messages": "messages",
    "/v1/messages/count_tokens": "count_tokens",
}

_DECODERS: Mapping[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.decompress,
    "x-gzip": gzip.decompress,
    "br": brotli.decompress,
    "zstd": zstd.decompress,
    "identity": bytes,
}
_BROKEN = (OSError, EOFError, zlib.error, brotli.error, zstd.ZstdError, ValueError)


def usual_json(body: bytes) -> Any:
    """Read as FastAPI does."""
    return json.loads(body)


def strict_json(body: bytes) -> Any:
    """Read as RFC 8259 has it."""
    return orjson.loads(body)


def lenient_json(body: bytes) -> Any:
    """Read whatever can be made sense of: letters of keys do not matter, the last one counts."""
    text = body.decode(json.detect_encoding(body), "replace")
    text = re.sub(
        r'("(?:[^"\\]|\\.)*")|/\*.*?\*/|//[^\n]*', lambda m: m[1] or "", text, flags=re.DOTALL
    )
    decoder = json.JSONDecoder(strict=False, object_pairs_hook=_folded)
    return decoder.raw_decode(text.lstrip(" \t\r\n\ufeff"))[0]


def _folded(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    return {key.casefold(): value for key, value in pairs}


def usual_path(raw: str) -> str:
    """Route as Starlette does: percent-decoded, and otherwise letter for letter."""
    return unquote(raw)


def lenient_path(raw: str) -> str:
    """Route as the sum of what servers normalise: WHATWG's back slashes, a servlet's parameters."""
    plain = re.sub(";[^/]*", "", raw.replace("\\", "/"))
    steps: list[str] = []
    for step in unquote(plain).lower().split("/"):
        if step == "..":
            del steps[-1:]
        elif step not in ("", "."):
            steps.append(step)
    return "/" + "/".join(steps)


def undecoded(body: bytes, codings: list[str]) -> bytes:
    """Ignore what a header says of the body's coding, as most servers do."""
    return body


def strictly_decoded(body: bytes, codings: list[str]) -> bytes:
    """Undo every coding, or raise `ValueError`."""
    try:
        for coding in reversed(codings):
            body = _inflated(body) if coding == "deflate" else _DECODERS[coding](body)
    except (KeyError, *_BROKEN) as error:
        raise ValueError("not decoded") from error
    return body


def leniently_decoded(body: bytes, codings: list[str]) -> bytes:
    """Undo every coding that can be undone; what cannot be is taken as it is."""
    try:
        decoded = strictly_decoded(body, codings)
        lenient_json(decoded)
    except (ValueError, RecursionError):
        return body
    return decoded


def _inflated(body: bytes) -> bytes:
    try:
        return zlib.decompress(body)
    except zlib.error:
        return zlib.decompress(body, wbits=-15)
