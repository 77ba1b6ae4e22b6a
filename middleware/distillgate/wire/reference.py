"""References to reasoning: the signed or encrypted pieces that an answer hands out.

A client cannot read them, only send them back, so that the model goes on where it was: Anthropic's
`thinking` (`signature`) and `redacted_thinking` (`data`), OpenAI's `reasoning` items
(`encrypted_content`, or the id of one that the service keeps), OpenRouter's `reasoning_details`
(`signature`, `data`). One that comes back from another account, or after another question, is a
replay: a way to have hidden reasoning turned into text.
"""

from collections.abc import Iterator
from typing import Any

TYPES = frozenset({
    "thinking", "redacted_thinking", "reasoning", "item_reference",
    "reasoning.encrypted", "reasoning.text",
})  # fmt: skip
_KEYS = ("signature", "encrypted_content", "data", "id")
"""Where a reference stands; the id is one only where nothing else is."""

_SHORTEST = 24
"""Shorter values are no seal: made-up ones of tests and converters, which many share."""
_KEPT = 128
_LOOSE = 4
"""Characters at the end that may differ between encodings of the same bytes (padding, and the
unused bits of base64's last digit)."""


def reference(value: Any) -> str | None:
    """Make a seal comparable: the last characters that no other spelling of it can change.

    Seals are kilobytes long and end in what authenticates them; what is kept of one is bounded.
    """
    if not isinstance(value, str):
        return None
    value = value.strip().rstrip("=")
    return value[-_KEPT - _LOOSE : -_LOOSE] if len(value) >= _SHORTEST else None


def of_part(part: Any) -> str | None:
    """Read the reference of one content part or item, None where it is no reasoning."""
    return next(handed_out(part), None) if _hands_out(part) else None


def of_parts(parts: Any) -> tuple[str, ...]:
    """Read the references among the content parts of a turn."""
    if not isinstance(parts, list):
        return ()
    return tuple([found for part in parts if (found := of_part(part))])


def handed_out(item: Any) -> Iterator[str]:
    """Read all names under which an answer's reasoning may come back: its seal, then its id."""
    if _hands_out(item):
        yield from filter(None, (reference(item.get(key)) for key in _KEYS))


def _hands_out(item: Any) -> bool:
    kind = item.get("type") if isinstance(item, dict) else None
    return isinstance(kind, str) and kind in TYPES
