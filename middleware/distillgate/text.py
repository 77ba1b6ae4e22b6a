"""Text at the edge: what people and terminals are shown holds no control character and no secret.

Names of accounts, reasons and the like come from outside. Raw, they could move a terminal's cursor,
reverse what is read, or write a second line into a log.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from difflib import get_close_matches

_ACTING = (
    r"\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    r"\ufeff\ufff9-\ufffb\U000e0000-\U000e01ef"
)
"""What is not seen but does something, past ASCII's first 32: controls, formats, line ends."""
_IN_TEXT = re.compile(rf"[\x00-\x1f\ud800-\udfff{_ACTING}]")
_IN_JSON = re.compile(f"[{_ACTING}]+")
_USERINFO = re.compile(r"(\b[a-z][\w+.-]*:/*)[^\s\"'`<>]*@", re.IGNORECASE)
"""A URL's name and password, those that hold a raw `@` or `/` included."""
_PARAMETER = re.compile(
    r"([?&][^=&\s#]*(?:key|token|secret|passw|sig|auth)[^=&\s#]*=)[^&\s#]+", re.IGNORECASE
)


NO_END = datetime.max.replace(tzinfo=UTC).timestamp()
"""Seconds since the epoch up to which there is a calendar: the year 9999."""


def moment(seconds: float, form: str = "%Y-%m-%d %H:%M:%S UTC") -> str:
    """Write a time for people."""
    if seconds >= NO_END:
        return "further notice"
    return datetime.fromtimestamp(seconds, UTC).strftime(form)


def nearest(word: str, known: Iterable[str]) -> str:
    """Return a hint at the known word that is most like another; empty where none is."""
    found = get_close_matches(word, list(known), 1, 0.6)
    return f"; did you mean `{found[0]}`?" if found else ""


def visible(text: str) -> str:
    """Return a line of text in which nothing acts: what does not print is written as an escape.

    Line ends are escaped too, so whoever joins lines escapes each before.
    """
    if text.isprintable():
        return text
    return _IN_TEXT.sub(_escape, text)


def legible(text: str) -> str:
    """Return text without what is not seen: for what people write who need none of it."""
    return text if text.isprintable() else _IN_TEXT.sub("", text)


def visible_json(data: bytes) -> bytes:
    """Return the same JSON, with what does not print written as JSON's own escapes.

    JSON writers escape ASCII's control characters, but none beyond.
    """
    if data.isascii() and b"\x7f" not in data:
        return data
    return _IN_JSON.sub(_json_escape, data.decode("utf-8", "replace")).encode()


def redacted(text: str) -> str:
    """Return text without what URLs in it carry to sign in with."""
    return _PARAMETER.sub(r"\1***", _USERINFO.sub(r"\1***@", text))


def _escape(found: re.Match[str]) -> str:
    code = ord(found[0])
    if code <= 0xFF:
        return {0x09: "\\t", 0x0A: "\\n", 0x0D: "\\r"}.get(code, f"\\x{code:02x}")
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def _json_escape(found: re.Match[str]) -> str:
    """Escape a whole run: a name may be nothing else."""
    units = found[0].encode("utf-16-be").hex()
    return "".join([f"\\u{units[i : i + 4]}" for i in range(0, len(units), 4)])
