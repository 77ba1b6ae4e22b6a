"""A text cut into segments: the pieces that recur if they belong to a template.

A segment is a line, or a sentence of a line, normalised so that case, numbering and dates do not
make the same instruction look new. Where the varying part stands inside the only sentence
("Summarise X in one line"), the first and last words of the text serve as anchors. All on bytes:
normalising keeps every byte in its place, so a segment is a slice of the text it came from.
"""

import re
from collections.abc import Callable, Sequence
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
    raw = _read(text, settings)
    normal = raw.lower().translate(_NORMAL)
    spans = tuple(_spans(normal, settings))
    pieces = [normal[start:end] for start, end in spans]
    return Cut(raw, spans, _hashes([*pieces, *_anchors(normal, settings)], seed))


def longer(text: str, size: int, settings: SegmentSettings, seed: int) -> tuple[int, ...]:
    """Give the hashes of a text's segments of at least `size` bytes: `Cut.longer`, for less."""
    normal = _read(text, settings).lower().translate(_NORMAL)
    pieces = [normal[start:end] for start, end in _spans(normal, settings) if end - start >= size]
    return _hashes(pieces, seed)


def _read(text: str, settings: SegmentSettings) -> bytes:
    """Give the bytes that are read of a text: all, or its beginning and its end."""
    head, tail = settings.head_bytes, settings.tail_bytes
    if len(text) > head + tail:
        text = f"{text[:head]}\n{text[-tail:]}"
    raw = text.encode("utf-8", "surrogatepass")
    if len(raw) > head + tail + 1:
        raw = raw[:head] + b"\n" + raw[-tail:]
    return raw


def _spans(normal: bytes, settings: SegmentSettings) -> list[tuple[int, int]]:
    shortest, most = settings.min_bytes, settings.max_segments
    found: list[tuple[int, int]] = []
    at = 0
    for match in _MARK.finditer(normal):
        mark, following = match.span()
        end, sign = mark + 1, normal[mark]
        # Nearly all are a line's end, or one mark and one space: seen here, without a call.
        if sign == _NEWLINE:
            end = at + len(normal[at:mark].rstrip())  # space round line ends is neither's
        elif following - end != 1 or normal[end] != _SPACE or sign == _HIGH:
            start = _following(normal, mark, following)
            if start is None:
                continue
            following = start
        if end - at >= shortest:
            found.append((at, end))
            if len(found) == most:
                return found
        at = following
    if len(normal) - at >= shortest:
        found.append((at, len(normal)))
    return found


def _following(normal: bytes, mark: int, following: int) -> int | None:
    """Give where the piece after a mark inside a line starts; None where that ends no piece."""
    end = mark + 1
    if normal.find(b"\n", end, following) >= 0:
        return following
    if normal[mark] == _HIGH:
        return end if normal[mark - 2 : mark] == b"\xe3\x80" else None
    following -= len(normal[end:following].lstrip(b" "))
    return following if following > end else None


def _hashes(pieces: Sequence[bytes], seed: int) -> tuple[int, ...]:
    """Hash pieces of a text. A run of digits, and of spaces, counts as one, however long it is."""
    if not pieces:
        return ()
    # All at once: no piece has a line's end in it. Each pass halves what is left of a run, which is
    # far cheaper than a substitution by pattern.
    single = b"\n".join(pieces)
    for run, one in ((b"00", b"0"), (b"  ", b" ")):
        while run in single:
            single = single.replace(run, one)
    digest = xxhash.xxh3_64_intdigest
    return tuple([digest(piece.strip(), seed) for piece in single.split(b"\n")])


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
