"""A text cut into segments: the pieces that recur if they belong to a template.

A segment is a line, or a sentence of a line, normalised so that case, numbering and dates do not
make the same instruction look new. Where the varying part stands inside the only sentence
("Summarise X in one line"), the first and last words of the text serve as anchors. All on bytes:
normalising keeps every byte in its place, so a segment is a slice of the text it came from.
"""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

import xxhash

from distillgate.settings import Settings

# A line's end, or a sentence's with space after it; the last alternative is the ideographic full
# stop. It begins with one set of bytes, for which the matcher looks without trying alternatives.
_MARK = re.compile(rb"[\n.!?:;\x82](?:(?=\s)|(?<=\n)|(?<=\xe3\x80\x82))\s*")
_NEWLINE, _SPACE, _HIGH = b"\n \x82"
_RUNS = re.compile(rb"([0 ])\1+")
_NORMAL = bytes.maketrans(b"123456789\t\r", b"000000000  ")


class SegmentSettings(Settings):
    """How much of a text is cut, and how small a piece may be."""

    head_bytes: int = 2048
    """Bytes (UTF-8) read from the beginning of a text."""
    tail_bytes: int = 2048
    """Bytes read from the end of a longer text."""
    min_bytes: int = 12
    """Shorter pieces ("Answer:") say too little to count as template."""
    max_segments: int = 48
    """Pieces read of one text; more are left in the varying part."""
    anchor_words: int = 4
    """Words at either end that stand for a text whose sentences hold the varying part."""


class Segment(NamedTuple):
    """One piece: its keyed hash, and where it stands in the text."""

    hash: int
    start: int
    end: int


class Cut(NamedTuple):
    """A text in pieces. `text` is what was read of it (UTF-8), and is gone when the request is."""

    text: bytes
    segments: tuple[Segment, ...]
    hashes: tuple[int, ...]
    """The hashes of the segments and of the anchors: whatever may belong to a template."""

    def without(self, fixed: Callable[[int], bool]) -> bytes:
        """Give the varying part: the text less the pieces that are fixed."""
        kept = []
        at = 0
        for segment in self.segments:
            if fixed(segment.hash):
                kept.append(self.text[at : segment.start])
                at = segment.end
        if not kept:
            return self.text.strip()
        kept.append(self.text[at:])
        return b"\n".join(filter(None, map(bytes.strip, kept)))


NOTHING = Cut(b"", (), ())


def cut(text: str, settings: SegmentSettings, seed: int) -> Cut:
    """Cut a text into segments; `seed` keys the hashes."""
    if not text:
        return NOTHING
    head, tail = settings.head_bytes, settings.tail_bytes
    if len(text) > head + tail:
        text = f"{text[:head]}\n{text[-tail:]}"
    raw = text.encode("utf-8", "surrogatepass")
    if len(raw) > head + tail + 1:
        raw = raw[:head] + b"\n" + raw[-tail:]
    normal = raw.lower().translate(_NORMAL)
    segments = tuple(_segments(normal, settings, seed))
    return Cut(raw, segments, (*(s.hash for s in segments), *_anchors(normal, settings, seed)))


def _segments(normal: bytes, settings: SegmentSettings, seed: int) -> list[Segment]:
    found: list[Segment] = []
    start = 0
    for end, following in _boundaries(normal):
        if end - start >= settings.min_bytes:
            if len(found) == settings.max_segments:
                break
            found.append(Segment(_hash(normal[start:end], seed), start, end))
        start = following
    return found


def _boundaries(normal: bytes) -> Iterator[tuple[int, int]]:
    """Give where each piece ends and the next one starts: space round line ends is neither's."""
    at = 0
    for match in _MARK.finditer(normal):
        mark, end = match.span()
        start = mark + 1
        if end - mark == 2 and normal[start] == _SPACE and normal[mark] not in (_NEWLINE, _HIGH):
            pass  # nearly all
        elif normal.find(b"\n", mark, end) >= 0:
            if normal[mark] == _NEWLINE:
                start = at + len(normal[at:mark].rstrip())
        elif normal[mark] == _HIGH:
            if normal[mark - 2 : mark] != b"\xe3\x80":
                continue
            end = start
        else:
            end -= len(normal[start:end].lstrip(b" "))
            if end == start:
                continue
        yield start, end
        at = end
    yield len(normal), len(normal)


def _hash(piece: bytes, seed: int) -> int:
    if b"00" in piece or b"  " in piece:
        piece = _RUNS.sub(rb"\1", piece)
    return xxhash.xxh3_64_intdigest(piece.strip(), seed)


def _anchors(normal: bytes, settings: SegmentSettings, seed: int) -> tuple[int, ...]:
    count = settings.anchor_words
    head = normal[:256].split(None, count)
    tail = normal[-256:].rsplit(None, count)
    if len(head) <= count or len(tail) <= count or len(normal) < 2 * settings.min_bytes:
        return ()
    first, last = b" ".join(head[:count]), b" ".join(tail[-count:])
    if min(len(first), len(last)) < settings.min_bytes:
        return ()
    return (
        _hash(b"^" + first, seed),
        _hash(last + b"$", seed),
    )
