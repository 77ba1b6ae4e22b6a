"""A text as it is seen: what nobody sees left out, letters in another dress as they are read.

Either makes a word another one to a hash, and the same one to a model.
"""

import re
import unicodedata

import numpy as np

_RANGES = (
    "\xad\xad\u034f\u034f\u061c\u061c\u115f\u1160\u17b4\u17b5\u180b\u180f\u200b\u200f\u202a\u202e"
    "\u2060\u206f\u3164\u3164\ufe00\ufe0f\ufeff\ufeff\uffa0\uffa0\U000e0000\U000e0fff"
)
"""Unicode's default ignorable characters (UAX #44): the first and the last of each range."""
_PAIRS = tuple(zip(_RANGES[::2], _RANGES[1::2], strict=True))
_UNSEEN = re.compile("[" + "".join(f"{first}-{last}" for first, last in _PAIRS) + "]")
_STYLED = re.compile("[\u24b6-\u24e9\uff21-\uff3a\uff41-\uff5a\U0001d400-\U0001d7ff]")
"""Latin letters and digits, circled, full-width or mathematical."""
_LONG = 4096
"""Characters from which a text is filtered as an array: a match at a time, 100,000 characters that
nobody sees would take 10 ms."""
_UTF32 = "utf-32-le"
_BOUNDS = np.array([(ord(first), ord(last) + 1) for first, last in _PAIRS], np.uint32).ravel()


def as_seen(text: str) -> str:
    """Return a text without the characters that nobody sees, and with letters as they are read."""
    if text.isascii():
        return text
    if _UNSEEN.search(text):
        text = _UNSEEN.sub("", text) if len(text) < _LONG else _filtered(text)
    return unicodedata.normalize("NFKC", text) if _STYLED.search(text) else text


def _filtered(text: str) -> str:
    points = np.frombuffer(text.encode(_UTF32, "surrogatepass"), np.uint32)
    # Of sorted bounds, an odd number lies at or below what is within a range.
    seen = np.searchsorted(_BOUNDS, points, "right") & 1 == 0
    return str(points[seen].tobytes(), _UTF32, "surrogatepass")
