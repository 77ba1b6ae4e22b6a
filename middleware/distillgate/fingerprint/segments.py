"""A text cut into segments: the pieces that recur if they belong to a template.

A segment is a line, or a sentence of a line, normalised so that case, numbering and dates do not
make the same instruction look new. Where the varying part stands inside the only sentence
("Summarise X in one line"), the first and last words of the text serve as anchors. All on bytes:
normalising keeps every byte in its place, so a segment is a slice of the text it came from.
"""

import re
from collections import Counter
from collections.abc import Callable, Container, Sequence
from typing import NamedTuple

import xxhash

from distillgate.fingerprint.draw import pieces
from distillgate.fingerprint.seen import as_seen
from distillgate.native import passes
from distillgate.records import FrozenStruct

# A line's end, or a sentence's with space after it; the last alternative is the ideographic full
# stop. It begins with one set of bytes, for which the matcher looks without trying alternatives.
_MARK = re.compile(rb"[\n.!?:;\x82](?:(?=\s)|(?<=\n)|(?<=\xe3\x80\x82))\s*")
_NEWLINE, _SPACE, _HIGH = b"\n \x82"
_FACTOR = 4
"""Segments that are found at most, by those that are read: a piece that is drawn may be several."""

_NORMAL = bytes.maketrans(b"123456789\t\r", b"000000000  ")


class SegmentSettings(NamedTuple):
    """How much of a text is cut, and how small a piece may be."""

    whole_bytes: int = 4096
    """Bytes (UTF-8) of a text that is read whole; of a longer one pieces are drawn from all over
    it, by a keyed hash: nobody can tell which."""
    drawn: int = 32
    """Pieces drawn of a text that is longer, or in more pieces than so many."""
    min_bytes: int = 12
    """Shorter pieces ("Answer:") say too little to count as template."""
    anchor_words: int = 4
    """Words at either end that stand for a text whose sentences hold the varying part."""


class Cut(FrozenStruct, frozen=True):
    """A text in pieces. `text` is what was read of it (UTF-8), and is gone when the request is."""

    text: bytes
    spans: tuple[tuple[int, int], ...]
    """Where each segment starts and ends in `text`."""
    hashes: tuple[int, ...]
    """The hashes of the segments, then of the anchors, or of what else was drawn of a long text:
    whatever may belong to a template."""
    marks: tuple[int, ...] = ()
    """By which the pieces of a long text are known to their principal from now on."""
    whole: bytes = b""
    """Digest of a long text, of which what is read depends on what its principal sent before."""

    def without(self, fixed: Callable[[int], bool]) -> bytes:
        """Return the varying part: the text less the pieces that are fixed."""
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
        """Return the hashes of the segments of at least `size` bytes."""
        pairs = zip(self.spans, self.hashes, strict=False)
        return [value for (start, end), value in pairs if end - start >= size]


NOTHING = Cut(b"", (), ())


class Known(FrozenStruct, frozen=True):
    """What a principal sent before, and the key of its hashes."""

    content: Container[int]
    key: int

    def mark(self, content: bytes) -> int:
        """Return the mark of a content of this principal."""
        return xxhash.xxh3_64_intdigest(content, self.key)


NOBODY = Known((), 0)
"""A principal that sent nothing yet."""


def cut(text: str, settings: SegmentSettings, seed: int, known: Known = NOBODY) -> Cut:
    """Cut a text into segments; `seed` keys the hashes.

    Of a text that is longer, or in more pieces, than is read whole, a sample is drawn: of what its
    principal did not send before, and of all of it, by which it is known for what others send.
    """
    if not text:
        return NOTHING
    raw = as_seen(text).encode("utf-8", "surrogatepass")
    if len(raw) > settings.whole_bytes:
        return _drawn(raw, settings, seed, known)
    spans, hashes = segments(
        raw, seed, settings.min_bytes, settings.drawn + 1, settings.anchor_words
    )
    if len(spans) > settings.drawn:
        return _drawn(raw, settings, seed, known)
    return Cut(raw, spans, hashes)


def _drawn(raw: bytes, settings: SegmentSettings, seed: int, known: Known) -> Cut:
    """Cut what is drawn of a long text."""
    fresh: dict[int, bytes] = {}
    common: dict[int, bytes] = {}
    for piece in pieces(raw, seed):
        mark = known.mark(piece)
        if mark not in known.content:
            fresh[mark] = piece
        elif len(common) + len(fresh) < settings.drawn:
            common[mark] = piece
        if len(fresh) == settings.drawn:
            break
    text = b"\n".join(fresh.values())
    spans, found = segments(text, seed, settings.min_bytes, _FACTOR * settings.drawn, 0)
    known_by = (*found, *hashes([*common.values()], seed))
    return Cut(text, spans, known_by, tuple(fresh), xxhash.xxh3_128_digest(raw, seed))


def common(texts: Sequence[Cut]) -> set[int]:
    """Return the pieces that several texts have."""
    if len(texts) < 2:
        return set()
    counts = Counter(value for text in texts for value in set(text.hashes))
    return {value for value, count in counts.items() if count > 1}


def longer(text: str, size: int, settings: SegmentSettings, seed: int) -> tuple[int, ...]:
    """Return the hashes of a text's segments of at least `size` bytes: `Cut.longer`, for less."""
    raw = as_seen(text).encode("utf-8", "surrogatepass")
    spans, found = segments(raw, seed, settings.min_bytes, _FACTOR * settings.drawn, 0)
    pairs = zip(spans, found, strict=True)
    return tuple([value for (start, end), value in pairs if end - start >= size])


Spans = tuple[tuple[int, int], ...]


def read_segments(
    raw: bytes, seed: int, shortest: int, most: int, anchor_words: int
) -> tuple[Spans, tuple[int, ...]]:
    """Return where the segments of a text are, at most `most`, and their hashes.

    Behind those come the hashes of the anchors, of so many words each; none where that is 0.
    """
    normal = raw.lower().translate(_NORMAL)
    spans = _spans(normal, shortest, most)
    found = [normal[start:end] for start, end in spans]
    if anchor_words:
        found += _anchors(normal, shortest, anchor_words)
    return tuple(spans), _hashes(found, seed)


def read_hashes(pieces: Sequence[bytes], seed: int) -> tuple[int, ...]:
    """Hash pieces of a text as if they were segments; a line's end in one counts as a space."""
    normal = [piece.lower().translate(_NORMAL).replace(b"\n", b" ") for piece in pieces]
    return _hashes(normal, seed)


segments = read_segments if passes is None else passes.segments
hashes = read_hashes if passes is None else passes.hashes
"""The same, by compiled passes where there are some."""


def _spans(normal: bytes, shortest: int, most: int) -> list[tuple[int, int]]:
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
    """Return where the piece after a mark inside a line starts; None where that ends no piece."""
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


def _anchors(normal: bytes, shortest: int, count: int) -> tuple[bytes, ...]:
    head = normal[:256].split(None, count)
    tail = normal[-256:].rsplit(None, count)
    if len(head) <= count or len(tail) <= count or len(normal) < 2 * shortest:
        return ()
    first, last = b" ".join(head[:count]), b" ".join(tail[-count:])
    if min(len(first), len(last)) < shortest:
        return ()
    return b"^" + first, last + b"$"
