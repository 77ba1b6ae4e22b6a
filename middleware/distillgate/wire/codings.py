"""All that an upstream may take a body for, given the codings it is said to have.

Many upstreams ignore `Content-Encoding`, some undo the outermost coding only, some whatever the
bytes look like; `deflate` is zlib to some and raw deflate to others, and raw deflate has no mark of
its own, so that plain JSON may be deflate of something else. A broken checksum or a missing end is
nothing to a reader that stops at the JSON's end. So every reading is tried, within one budget, and
where the content type is a form's, each of them as a form, too.
"""

import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE, BOM_UTF32_BE, BOM_UTF32_LE, getincrementaldecoder
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from distillgate.errors import WireError
from distillgate.wire import forms
from distillgate.wire.encoding import ERRORS, RAW, STREAMS, ZLIB, Stream, names_in

CODINGS = 4
"""Codings of one body that are undone."""

MEMBERS = 1024
"""Members of one coded body, each of at least 18 bytes; each costs some 2 µs."""

FREE_BYTES = 1 << 18
RATIO = 128
"""A body may expand to `FREE_BYTES` or to `RATIO` times its length, whichever is more: text rarely
shrinks to a tenth, and what shrinks further is made to."""

_TRIES = 24
_STEP = 1 << 12

_OBJECT = re.compile(rb"(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff|\0\0\xfe\xff)?[\0 \t\r\n]*[{/]")
"""How a JSON object begins in any encoding of Unicode; a comment may stand before it."""

_UPLOADS = ("multipart/form-data", "application/octet-stream", "image/", "audio/", "video/")
_BLANK = b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"

_UNICODE = re.compile(r"""charset\s*=\s*"?utf-?(7|16|32)(?:-?([lb]e))?\b""", re.IGNORECASE)
"""Encodings that body parsers decode by name where the bytes do not show them."""


def codings(headers: Iterable[tuple[bytes, bytes]]) -> list[str]:
    """List the codings a body went through, in the order they were applied."""
    values = [value for name, value in headers if name == b"content-encoding"]
    return names_in(b",".join(values).decode("latin-1")) if values else []


_STEP = 1 << 16
_MARKS = {
    "utf-16": ((BOM_UTF16_LE, "le"), (BOM_UTF16_BE, "be"), (b"", "le")),
    "utf-32": ((BOM_UTF32_LE, "le"), (BOM_UTF32_BE, "be"), (b"", "le")),
}
"""Byte order marks, and what holds without one, as for `bytes.decode` on most machines."""


def charset(content_type: str) -> str | None:
    """Return the encoding that a content type names, where bytes may not show it; else None."""
    match = _UNICODE.search(content_type) if "charset" in content_type.lower() else None
    if match is None:
        return None
    return "-".join(filter(None, ("utf", match[1], (match[2] or "").lower())))


def is_plain(content_type: str) -> bool:
    """Return whether bytes of a content type are JSON as they are, and nothing else."""
    return charset(content_type) is None and not forms.is_form(content_type)


def is_upload(start: bytes | None, headers: Sequence[tuple[bytes, bytes]]) -> bool:
    """Return whether a body is an upload and no call, by its type and how it starts.

    With None for the start, whether that is to be asked.
    """
    kinds = [value for name, value in headers if name == b"content-type"]
    kind = b",".join(kinds).decode("latin-1").strip().lower()
    if codings(headers) or not kind.startswith(_UPLOADS) or charset(kind) is not None:
        return False
    if start is None or kind.startswith("multipart"):
        return True
    return start.lstrip(_BLANK)[:1] not in (b"", b"{", b"[", b"/")


class Readings(NamedTuple):
    """The plain bodies that one body may be taken for."""

    bodies: list[bytes]
    beyond: WireError | None = None
    """Why there may be more of them, past the bounds."""


def readings(
    data: bytes, names: Sequence[str], *, content_type: str = "", max_bytes: int
) -> Readings:
    """Return every plain body that `data` may be taken for, the declared one first.

    `names` are the codings, the outermost last. Raises `WireError` where nothing is left that may
    be a JSON object.
    """
    known = [name for name in names if name in STREAMS][-CODINGS:]
    search = _Search(known, min(max_bytes, max(FREE_BYTES, RATIO * len(data))))
    bodies = list(search.explore(data, len(known)))
    found = [body for body in bodies if _OBJECT.match(body)]
    if forms.is_form(content_type):
        found += search.forms(bodies, content_type)
    encoding = charset(content_type)
    if encoding is not None:
        found[:0] = [text for body in (found or [data]) if (text := _recoded(body, encoding))]
    if not found and search.error:
        raise search.error
    if not found and names:
        raise WireError("the body's content codings cannot be undone", reason="encoding")
    return Readings(list(dict.fromkeys(found)) or [data], search.error)


class _Search:
    """Undoes codings in every order that works, within a budget of bytes and of tries."""

    def __init__(self, names: Sequence[str], max_bytes: int) -> None:
        streams = (stream for name in reversed(names) for stream in _streams(name))
        self._streams = tuple(dict.fromkeys(streams))
        self._max_bytes = max_bytes
        self._left = 2 * max_bytes
        self._tries = _TRIES
        self._seen: set[bytes] = set()
        self.error: WireError | None = None
        """Why a reading was given up."""

    def explore(self, data: bytes, depth: int) -> Iterator[bytes]:
        """Yield what comes of `data` with `depth` codings undone, and with fewer."""
        if data in self._seen:
            return
        self._seen.add(data)
        for stream in self._streams if depth else ():
            if decoded := self._undo(data, stream):
                yield from self.explore(decoded, depth - 1)
        yield data

    def forms(self, bodies: Iterable[bytes], content_type: str) -> Iterator[bytes]:
        """Yield what bodies are as forms, in JSON."""
        for body in bodies:
            try:
                yield from forms.documents(body, content_type)
            except WireError as error:
                self.error = error

    def _undo(self, data: bytes, stream: Callable[[], Stream]) -> bytes:
        if not self._tries:
            self.error = WireError("the body has too many codings", reason="encoding")
            return b""
        self._tries -= 1
        decoded, self.error = _expanded(data, stream, min(self._max_bytes, self._left), self.error)
        self._left -= len(decoded)
        return decoded


def _streams(name: str) -> tuple[Callable[[], Stream], ...]:
    """Return what an upstream may undo a coding with: `deflate` is two things."""
    return (ZLIB, RAW) if name == "deflate" else (STREAMS[name],)


def _expanded(
    data: bytes, stream: Callable[[], Stream], room: int, error: WireError | None
) -> tuple[bytes, WireError | None]:
    """Decode one member after the other, as far as it goes, and say what ended it early.

    Empty where nothing can be decoded. What came before a bound is kept: the JSON may end in it.
    """
    parts: list[bytes] = []
    for _ in range(MEMBERS):
        member = stream()
        try:
            part = member.decompress(data, room + 1)
            data = member.unused_data if member.eof else b""
        except ERRORS:
            part, data = _up_to_the_fault(data, stream, room), b""
        parts.append(part[:room])
        room -= len(part)
        if room < 0:
            error = WireError("the body expands past the bound", reason="expansion")
            break
        if not data:
            break
    else:
        error = WireError("the body has too many members", reason="encoding")
    return b"".join(parts), error


def _up_to_the_fault(data: bytes, stream: Callable[[], Stream], room: int) -> bytes:
    """Decode a broken body to where it breaks: in steps, then the last step again by bytes."""
    sound = _feed(data, stream(), _STEP, room)[1]
    member = stream()
    decoded = member.decompress(data[:sound], room + 1) if sound else b""
    return decoded + _feed(data[sound : sound + _STEP], member, 1, room - len(decoded))[0]


def _feed(data: bytes, member: Stream, step: int, room: int) -> tuple[bytes, int]:
    # What was decoded before the fault or past `room`, and how much went in before it.
    parts: list[bytes] = []
    at = 0
    try:
        for at in range(0, len(data), step):
            if room < 0:
                break
            parts.append(member.decompress(data[at : at + step], room + 1))
            room -= len(parts[-1])
    except ERRORS:
        pass
    return b"".join(parts), at


def _recoded(body: bytes, encoding: str) -> bytes:
    """Return a text in UTF-8 where it may be a JSON object.

    In steps between which other threads run: each wrong byte takes a tenth of a microsecond.
    """
    at = 0
    for mark, order in _MARKS.get(encoding, ()):
        if body.startswith(mark):
            encoding, at = f"{encoding}-{order}", len(mark)
            break
    decoder = getincrementaldecoder(encoding)("replace")
    steps = range(at, len(body), _STEP)
    text = b"".join(
        decoder.decode(body[at : at + _STEP], at + _STEP >= len(body)).encode("utf-8", "replace")
        for at in steps
    )
    return text if _OBJECT.match(text) else b""
