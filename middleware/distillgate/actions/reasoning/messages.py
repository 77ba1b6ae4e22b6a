"""The reasoning in Anthropic messages.

A thinking block stays where it is, with its signature and without its text: that is the form in
which the API itself omits thinking, it keeps the numbering of the blocks, and a tool's result can
be sent back with it. Redacted thinking cannot be read, and passes.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any

from distillgate.actions.event import Event
from distillgate.actions.reasoning.shorten import ReasoningSettings, Shortener, put
from distillgate.wire.fields import mapping, sequence


class MessagesEdit:
    """Empties thinking blocks, and shortens tagged reasoning at the beginning of a text block."""

    def __init__(self, settings: ReasoningSettings) -> None:
        self._shortener = Shortener(settings)

    def whole(self, answer: dict[str, Any]) -> bool:
        """Change a message in place."""
        changed = False
        for block in sequence(answer.get("content")):
            if isinstance(block, dict):
                changed |= _emptied(block)
                changed |= put(block, "text", self._shortener.visible)
        return changed

    def event(self, event: Event) -> Sequence[Event] | None:
        """Change an event in place; before a block's end, return what was held of it."""
        kind, index = event.document.get("type"), event.document.get("index")
        if kind == "content_block_stop":
            held = self._shortener.held(index)
            return (_delta(index, held), event) if held else None
        part = event.document.get("content_block" if kind == "content_block_start" else "delta")
        if not isinstance(part, dict):
            return None
        changed = _emptied(part)
        changed |= put(part, "text", partial(self._shortener.visible_piece, index))
        return (event,) if changed else None

    def rest(self) -> Sequence[Event]:
        """Return what blocks without an end leave held."""
        held = ((part, self._shortener.held(part)) for part in self._shortener.parts())
        return [_delta(index, text) for index, text in held if text]


def _emptied(block: dict[str, Any]) -> bool:
    if mapping(block).get("type") not in ("thinking", "thinking_delta"):
        return False
    changed = bool(block.get("thinking"))
    block["thinking"] = ""
    return changed


def _delta(index: Any, text: str) -> Event:
    delta = {"type": "text_delta", "text": text}
    return Event.of({"type": "content_block_delta", "index": index, "delta": delta})
