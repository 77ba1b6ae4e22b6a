"""A file cut into its JSON objects, in bounded memory: lines of JSON, one array, or pages of it.

Other programs' exports come as JSON Lines, as one array, as objects one after the other, or as an
answer of their API, whose array stands under a key (`wrappers`).
"""

import re
from collections.abc import Callable, Iterator
from gzip import BadGzipFile
from itertools import chain
from typing import NamedTuple
from zlib import error as ZlibError  # noqa: N812  (an exception, whatever its case)

import orjson

from distillgate.traffic.log import LINE_LIMIT
from distillgate.wire.framing import OUTSIDE
from distillgate.wire.outline import STRING

_CHUNK = 1 << 20
_KEY = re.compile(rb'"([^"\\]{1,64})"\s*:\s*\Z')
_KEY_BYTES = 128
_TOO_LONG = f"longer than {LINE_LIMIT >> 20} MiB"
_BETWEEN = b", \t\r\n\x1e"
_STAMP = re.compile(rb"\d{4}-\d\d-\d\dT\S{1,32} (?=\{)")
"""What CloudWatch writes before each line that it exports."""

Read = Callable[[int], bytes]


class Piece(NamedTuple):
    """An object of a file, or what stands in its place."""

    line: int
    """The line it begins in."""
    data: bytes
    error: str = ""
    """Why it is none that can be read."""


def pieces(read: Read, wrappers: frozenset[str]) -> Iterator[Piece]:
    """Cut what `read` gives into objects. `OSError` is raised as it comes."""
    chunks = _chunks(read)
    try:
        first = next(chunks, b"").removeprefix(b"\xef\xbb\xbf")
        while b"\n" not in first.strip() and len(first) < _CHUNK and (more := next(chunks, b"")):
            first += more
        every = chain([first], chunks)
        if not _is_lines(first):
            yield from _Structure(every, wrappers).pieces()
            return
        yield from _lines(every)
    except (EOFError, ZlibError, BadGzipFile) as error:
        yield Piece(0, b"", f"the file breaks off: {error}")


def _chunks(read: Read) -> Iterator[bytes]:
    while chunk := read(_CHUNK):
        yield chunk


def _is_lines(first: bytes) -> bool:
    """Return whether every line is an object, or an element of an array, of its own."""
    lines = first.splitlines()
    filled = [line for line in lines if line.strip(b"[" + _BETWEEN)]
    if not filled or filled[0].lstrip(b"[" + _BETWEEN)[:1] != b"{":
        return not first.lstrip().startswith(b"[")
    if _is_object(filled[0]):
        return True
    # Its first line may be the damaged one; no line of a document written on several begins so.
    return any(line.startswith(b"{") and _is_object(line) for line in filled[1:])


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(orjson.loads(_bare(line)), dict)
    except orjson.JSONDecodeError:
        return False


def _bare(line: bytes) -> bytes:
    # An object ends with a brace: what follows it belongs to the array around it.
    return line.lstrip(b"[" + _BETWEEN).rstrip(b"]" + _BETWEEN)


def _lines(chunks: Iterator[bytes]) -> Iterator[Piece]:
    number, rest, length = 1, bytearray(), 0
    for chunk in chain(chunks, [b"\n"]):
        *whole, last = chunk.split(b"\n")
        for line in whole:
            rest += line[: max(0, LINE_LIMIT + 1 - length)]
            if length + len(line) > LINE_LIMIT:
                yield Piece(number, b"", _TOO_LONG)
            elif bare := _bare(bytes(rest)):
                yield Piece(number, _STAMP.sub(b"", bare, 1))
            number, length = number + 1, 0
            rest.clear()
        rest += last[: max(0, LINE_LIMIT + 1 - length)]
        length += len(last)


class _Structure:
    """Reads brackets and strings; holds no more than the object that is open.

    It goes into an array, and into an object as far as an array under a wrapping key stands in it;
    what else such an object holds is passed over.
    """

    def __init__(self, chunks: Iterator[bytes], wrappers: frozenset[str]) -> None:
        self._chunks = chunks
        self._wrappers = frozenset(name.encode() for name in wrappers)
        self._data = b""
        self._line, self._counted = 1, 0
        """The line of a place in `_data`, and that place: lines are counted once."""
        self._at = 0
        self._in_string = False
        self._kept = 0
        """Where the open object begins, or what stands between two."""
        self._begun = 1
        """The line of that."""
        self._depth = 0
        """Brackets that are open in the open object; 0 between two."""
        self._oversize = False
        self._inside: list[bytes] = []
        """The brackets that were gone into."""

    def pieces(self) -> Iterator[Piece]:
        """Yield the objects; what is none is told."""
        while bracket := self._bracket():
            found = self._within(bracket) if self._depth else self._between(bracket)
            if found is not None:
                yield found
        if self._depth or self._inside:
            yield Piece(self._begun, b"", "the file breaks off in what begins here")
        elif (stray := self._stray(len(self._data))) is not None:
            yield stray

    def _between(self, bracket: bytes) -> Piece | None:
        at = self._at - 1
        in_object = self._inside[-1:] == [b"{"]
        wraps = in_object and bracket == b"[" and self._wraps(at)
        stray = None if in_object else self._stray(at)
        self._kept, self._oversize = at + 1, False
        if bracket in b"]}":
            if self._inside:
                self._inside.pop()
            else:
                stray = stray or Piece(self._line_of(at), b"", f"a stray {bracket.decode()}")
        elif bracket == b"[" and (wraps or not in_object):
            self._inside.append(bracket)
        else:
            self._kept, self._depth = at, 1
        self._begun = self._line_of(at)
        return stray

    def _within(self, bracket: bytes) -> Piece | None:
        at = self._at - 1
        passed_over = self._inside[-1:] == [b"{"]
        if bracket == b"[" and self._depth == 1 and not passed_over and self._wraps(at):
            self._inside += [b"{", b"["]
            self._kept, self._depth, self._oversize = self._at, 0, False
            return None
        self._depth += 1 if bracket in b"[{" else -1
        if self._depth:
            return None
        begin, self._kept = self._kept, self._at
        oversize, self._oversize = self._oversize, False
        if passed_over:
            return None
        if oversize:
            return Piece(self._begun, b"", _TOO_LONG)
        return Piece(self._begun, self._data[begin : self._at])

    def _wraps(self, at: int) -> bool:
        key = _KEY.search(self._data, max(0, at - _KEY_BYTES), at)
        return key is not None and key[1] in self._wrappers

    def _stray(self, at: int) -> Piece | None:
        found = self._data[self._kept : at].strip(_BETWEEN)
        if not found:
            return None
        shown = found[:40].decode("utf-8", "replace")
        begin = self._data.index(found, self._kept)
        return Piece(self._line_of(begin), b"", f"not a JSON object: {shown}")

    def _bracket(self) -> bytes:
        """Return the next bracket that stands in no string; nothing at the end."""
        while True:
            if self._in_string:
                string = STRING.match(self._data, self._at)
                assert string is not None  # it matches nothing, too
                self._at, self._in_string = string.end(), not string[1]
                if not self._in_string:
                    continue
            elif mark := OUTSIDE.search(self._data, self._at):
                self._at, self._in_string = mark.end(), mark[0] == b'"'
                if self._in_string:
                    continue
                return mark[0]
            else:
                self._at = len(self._data)
            if not self._more():
                return b""

    def _more(self) -> bool:
        chunk = next(self._chunks, b"")
        if self._at - self._kept > LINE_LIMIT:
            self._oversize, self._kept = True, self._at - _KEY_BYTES
        self._line, self._counted = self._line_of(self._kept), 0
        self._data = self._data[self._kept :] + chunk
        self._at, self._kept = self._at - self._kept, 0
        return bool(chunk)

    def _line_of(self, at: int) -> int:
        if at < self._counted:
            return self._line - self._data.count(b"\n", at, self._counted)
        self._line += self._data.count(b"\n", self._counted, at)
        self._counted = at
        return self._line
