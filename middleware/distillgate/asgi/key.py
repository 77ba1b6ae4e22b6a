"""The API key a request carries: one name for one key, whatever scheme, form or header brings it.

An upstream is often laxer than the specification: it takes `Authorization: KEY`, a tab for the
space, any word for the scheme. Where the gate read less than the upstream, a client would be
nobody, or a new account with each spelling.
"""

import re
from base64 import b64decode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from urllib.parse import unquote_plus

_USUAL = re.compile(r"(?:bearer +)?([\w.~+/-]{10,}=*)", re.ASCII | re.IGNORECASE)
"""Nearly every key there is; longer than any word of `_ANNOUNCED`."""
_ANNOUNCED = re.compile(
    r"(?:(?:bearer|basic|token|jwt|key|api[-_]?key)(?:[\s:=\"'`,;]+|$))+", re.IGNORECASE
)
"""Words that announce a key, once or more, with what may stand between."""
_SIGNED = re.compile(
    r"(?:aws4|tc3|acs\d|sdk|hmac|hawk|oauth|signature|digest)[\w-]*\s.*?"
    r"\b(?:credential|username|key-?id|id|oauth_consumer_key|access)=\"?([^\",/&]+)"
    r"|(?:aws|sharedkey(?:lite)?)\s+([^:\s]+):"
    r"|bce-auth-v\d/([^/\s]+)/",
    re.IGNORECASE,
)
"""Schemes that never send the secret, and sign each request anew: the key is who signs."""
_EDGES = " \t\r\n\f\v\x85\xa0\"'`,;"
"""What stands round a key and is no part of one."""

WEBSOCKET = "sec-websocket-protocol"
"""Browsers cannot send other headers with a WebSocket, so OpenAI's carry the key in this one."""
_WEBSOCKET_PREFIX = "openai-insecure-api-key."


def bare(value: str) -> str:
    """Return the key in a header's value, without scheme, quotes and the like; empty if none.

    Of `Basic` with a name and a password the password is the key, or the name where there is no
    password: APIs take a key in either place and anything in the other.
    """
    usual = _USUAL.fullmatch(value)
    if usual is not None and not usual[1].startswith("bce-auth"):
        return usual[1]
    text = value.strip(_EDGES)
    signed = _SIGNED.match(text)
    if signed is not None:
        text = next(filter(None, signed.groups()))
    text, schemes = _announced(text)
    first, *rest = text.split(None, 1) or [""]
    if rest and not schemes:  # a scheme that is not known here
        text, schemes = _announced(rest[0])
        first = next(iter(text.split(None, 1)), "")
    key = first.strip(_EDGES)
    return _of_basic(key) if "basic" in schemes else key


def _announced(text: str) -> tuple[str, str]:
    """Split what announces a key from the rest; return the rest first."""
    found = _ANNOUNCED.match(text)
    return (text, "") if found is None else (text[found.end() :], found[0].lower())


def _of_basic(word: str) -> str:
    """Read a name and a password (RFC 7617); `word` itself where it is no such pair."""
    digits = word.rstrip("=").translate({ord("-"): "+", ord("_"): "/"})
    try:
        plain = b64decode(digits + "=" * (-len(digits) % 4), validate=True).decode()
    except ValueError:
        return word
    name, colon, password = plain.partition(":")
    return (password or name or word) if colon and plain.isprintable() else word


class KeyReader:
    """Finds the key of a request in the headers and query parameters that may carry one."""

    def __init__(self, headers: Sequence[str], query: Sequence[str]) -> None:
        self._headers = [(name.lower(), name.lower().encode()) for name in headers]
        self._query = [(name, f"{name}=".encode()) for name in query]

    def read(
        self,
        first_values: Mapping[str, str],
        lines: Iterable[tuple[bytes, bytes]],
        query: bytes,
    ) -> str:
        """Return the first key in the order of the settings; empty where there is none.

        Of several lines of one header the first that holds a key counts, as in nearly every server.
        """
        for name, raw in self._headers:
            value = first_values.get(name)
            if value is None:
                continue
            key = _in(name, value)
            if key:
                return key
            for other in (line for line_name, line in lines if line_name == raw):
                if key := _in(name, other.decode("latin-1")):
                    return key
        return self._in_query(query) if query else ""

    def differ(self, first_values: Mapping[str, str], query: bytes) -> bool:
        """Return whether a request carries two keys: which one counts, depends on the upstream."""
        given = [name for name, _ in self._headers if name in first_values]
        keys = {_in(name, first_values[name]) for name in given} if len(given) > 1 else set()
        if not given and query.count(b"=") > 1:
            keys = set(self._queried(query))
        return len(keys - {""}) > 1

    def _in_query(self, query: bytes) -> str:
        return next(self._queried(query), "")

    def _queried(self, query: bytes) -> Iterator[str]:
        for name, mark in self._query:
            if mark not in query and b"%" not in query:
                continue
            for given, value in _pairs(query):
                if given == name and (key := bare(value)):
                    yield key


def _in(name: str, value: str) -> str:
    if name != WEBSOCKET:
        return bare(value)
    for protocol in value.split(","):
        if protocol.strip().startswith(_WEBSOCKET_PREFIX):
            return bare(protocol.strip().removeprefix(_WEBSOCKET_PREFIX))
    return ""


def _pairs(query: bytes) -> Iterator[tuple[str, str]]:
    for pair in query.decode("latin-1").split("&"):
        name, _, value = pair.partition("=")
        yield unquote_plus(name), unquote_plus(value)
