"""The outline of a JSON document that is too long to keep: what is short in it, and in no list.

What makes an answer long is lists (choices, vectors, log-probabilities) and strings (pictures,
sound). Without them its usage, status, model and id remain, wherever they stand, and the same
readers read them as in a short answer. Lists go whole: what a client wrote itself and an upstream
repeats (tools, inputs) could otherwise pass for a usage.
"""

import re

OUTLINE_LIMIT = 1 << 16
"""Bytes of an outline. A document whose outline is longer is not known."""

STRING_LIMIT = 512
"""Bytes of a string that are kept; of a longer one only that there was one."""

_STEP = 1 << 16
_QUOTE, _OPEN = b'"['
_PLAIN = bytes(set(range(256)) - set(b'"[]'))
_ESCAPE = re.compile(rb"\\.", re.DOTALL)
STRING = re.compile(rb'(?:[^"\\]++|\\.)*+("?)', re.DOTALL)
"""A string from anywhere in it to its end, or to the end of what there is."""

_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+("?)|\[|\]', re.DOTALL)
"""A string or the edge of a list: all that matters, as what nests is well nested."""


class Outline:
    """Takes a document in pieces; any pieces give the same. Holds no more than the outline."""

    __slots__ = ("_depth", "_full", "_kept", "_rest", "_string")

    def __init__(self) -> None:
        self._kept = bytearray()
        self._depth = 0
        """Lists that are open."""
        self._string: int | None = None
        """Where in the outline the open string begins; none is open where it is None."""
        self._rest = b""
        """A backslash whose second half has not come."""
        self._full = False

    def feed(self, piece: bytes) -> None:
        """Take the next bytes."""
        for start in range(0, len(piece), _STEP):
            if self._full:
                return
            part = self._rest + piece[start : start + _STEP]
            self._rest = b""
            if not self._depth or not self._pass(part):
                self._read(part)
            if len(self._kept) > OUTLINE_LIMIT:
                self._full = True
                self._kept.clear()

    def document(self) -> bytes:
        """Return the outline; empty where it was too long."""
        return bytes(self._kept)

    def _pass(self, part: bytes) -> bool:
        """Pass over bytes in a list without looking at each string; False where it may end there.

        Two quotes or two brackets with nothing between that matters change nothing: gone.
        """
        bare = part
        if b"\\" in part:
            bare = _ESCAPE.sub(b"", part)
            if bare.endswith(b"\\"):
                part = part[:-1]
                self._rest = b"\\"
        bare = bare.translate(None, _PLAIN)
        odd = bare.count(b'"') % 2
        bare = bare.replace(b'""', b"").replace(b"[]", b"").replace(b'""', b"")
        depth, inside = self._depth, self._string is not None
        for char in bare:
            if char == _QUOTE:
                inside = not inside
            elif not inside:
                depth += 1 if char == _OPEN else -1
                if not depth:
                    self._rest = b""
                    return False
        self._depth = depth
        if odd:
            self._string = len(self._kept) if self._string is None else None
        return True

    def _read(self, part: bytes) -> None:
        """Take bytes string by string and list by list."""
        at = 0
        if self._string is not None:
            match = STRING.match(part)
            assert match is not None  # it matches nothing, too
            at = self._take_string(part, 0, match)
            if self._string is not None:
                return
        for match in _TOKEN.finditer(part, at):
            if not self._depth:
                self._kept += part[at : match.start()]
            at = self._take(part, match)
        if self._string is None and not self._depth:
            self._kept += part[at:]

    def _take(self, piece: bytes, match: re.Match[bytes]) -> int:
        first = piece[match.start()]
        if first == _QUOTE:
            self._string = len(self._kept)
            return self._take_string(piece, match.start(), match)
        if not self._depth:
            self._kept += b"[]"
        self._depth = self._depth + 1 if first == _OPEN else max(0, self._depth - 1)
        return match.end()

    def _take_string(self, piece: bytes, start: int, match: re.Match[bytes]) -> int:
        assert self._string is not None
        end, closed = match.end(), bool(match[1])
        if not self._depth:
            self._kept += piece[start:end]
            if len(self._kept) - self._string > STRING_LIMIT:
                self._kept[self._string :] = b'""' if closed else b'"' + bytes(STRING_LIMIT)
        if closed:
            self._string = None
        else:
            self._rest = piece[end:]  # at most a backslash
            end = len(piece)
        return end


class Kept:
    """Takes a document in pieces and keeps it; of one longer than a limit, the outline."""

    __slots__ = ("_bytes", "_limit", "_outline")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._bytes = bytearray()
        self._outline: Outline | None = None

    def __bool__(self) -> bool:
        """Return whether anything came."""
        return self.is_outline or bool(self._bytes)

    @property
    def is_outline(self) -> bool:
        """Return whether the document is longer than the limit."""
        return self._outline is not None

    def feed(self, piece: bytes) -> None:
        """Take the next bytes."""
        if self._outline is not None:
            self._outline.feed(piece)
            return
        self._bytes += piece
        if len(self._bytes) > self._limit:
            self._outline = Outline()
            self._outline.feed(bytes(self._bytes))
            self._bytes.clear()

    def take(self) -> bytes:
        """Return the document, and begin another."""
        outline, self._outline = self._outline, None
        data = bytes(self._bytes) if outline is None else outline.document()
        self._bytes.clear()
        return data
