"""A text cut into segments: the pieces that recur if they belong to a template.

A segment is a line, or a sentence of a line, normalised so that case, numbering and dates do not
make the same instruction look new. Where the varying part stands inside the only sentence
("Summarise X in one line"), the first and last words of the text serve as anchors. All on bytes:
normalising keeps every byte in its place, so a segment is a slice of the text it came from.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import xxhash

from distillgate.settings import Settings

# A line's end, or a sentence's with space after it; the last alternative is the ideographic full
# stop. It begins with one set of bytes, for which the matcher looks without trying alternatives.
_MARK = re.compile(rb"[\n.!?:;\x82](?:(?=\s)|(?<=\n)|(?<=\xe3\x80\x82))\s*")
_NEWLINE, _SPACE, _HIGH = b"\n \x82"
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


class Cut(NamedTuple):
    """A text in pieces. `text` is what was read of it (UTF-8), and is gone when the request is."""

    text: bytes
    spans: tuple[tuple[int, int], ...]
    """Where each segment starts and ends in `text`."""
    hashes: tuple[int, ...]
    """The hashes of the segments, then of the anchors: whatever may belong to a template."""

    def without(self, fixed: Callable[[int], bool]) -> bytes:
        """Give the varying part: the text less the pieces that are fixed."""
        kept = []
        at = 0
        for (start, end), value in zip(self.spans, self.hashes, strict=False):
            if fixed(value):
                kept.append(self.text[at:start])
                at = end
        if not kept:
            return self.text.strip()
        kept.append(self.text[at:])
        return b"\n".join(filter(None, map(bytes.strip, kept)))

    def longer(self, size: int) -> list[int]:
        """Give the hashes of the segments of at least `size` bytes."""
        pairs = zip(self.spans, self.hashes, strict=False)
        return [value for (start, end), value in pairs if end - start >= size]


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
    spans = tuple(_spans(normal, settings))
    hashes = _hashes([normal[start:end] for start, end in spans], seed)
    return Cut(raw, spans, (*hashes, *_hashes(_anchors(normal, settings), seed)))


def _spans(normal: bytes, settings: SegmentSettings) -> list[tuple[int, int]]:
    shortest, most = settings.min_bytes, settings.max_segments
    found: list[tuple[int, int]] = []
    start = 0
    for end, following in _boundaries(normal):
        if end - start >= shortest:
            found.append((start, end))
            if len(found) == most:
                break
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


def _hashes(pieces: Iterable[bytes], seed: int) -> list[int]:
    return [xxhash.xxh3_64_intdigest(_without_runs(piece).strip(), seed) for piece in pieces]


def _without_runs(piece: bytes) -> bytes:
    """Let a run of digits, and of spaces, count as one, however long it is."""
    # Each pass halves what is left of a run: far cheaper than a substitution by pattern.
    while b"00" in piece:
        piece = piece.replace(b"00", b"0")
    while b"  " in piece:
        piece = piece.replace(b"  ", b" ")
    return piece


def _anchors(normal: bytes, settings: SegmentSettings) -> tuple[bytes, ...]:
    count = settings.anchor_words
    head = normal[:256].split(None, count)
    tail = normal[-256:].rsplit(None, count)
    if len(head) <= count or len(tail) <= count or len(normal) < 2 * settings.min_bytes:
        return ()
    first, last = b" ".join(head[:count]), b" ".join(tail[-count:])
    if min(len(first), len(last)) < settings.min_bytes:
        return ()
    return b"^" + first, last + b"$"
