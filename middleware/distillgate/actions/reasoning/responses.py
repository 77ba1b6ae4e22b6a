"""The reasoning in OpenAI Responses: items of their own, and tagged text at a message's beginning.

A reasoning item stays, with its id and what is encrypted of it, as the next turn refers to it. So
do the events, and their sequence numbers, from which a client may resume.
"""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from distillgate.actions.event import Event
from distillgate.actions.reasoning.shorten import ReasoningSettings, Shortener, put
from distillgate.wire.fields import mapping, sequence

_DELTAS = frozenset({
    "response.reasoning_text.delta", "response.reasoning_summary_text.delta",
    "response.reasoning.delta", "response.reasoning_summary.delta",
})  # fmt: skip
_DONE = frozenset({
    "response.reasoning_text.done", "response.reasoning_summary_text.done",
    "response.reasoning.done", "response.reasoning_summary.done",
})  # fmt: skip
_PARTS = frozenset({"reasoning_text", "summary_text"})
_WHERE = ("output_index", "summary_index", "content_index")


class ResponsesEdit:
    """Shortens reasoning items and summaries, wherever a response repeats them."""

    def __init__(self, settings: ReasoningSettings) -> None:
        self._shortener = Shortener(settings)
        self._deltas: dict[Hashable, Event] = {}
        """The last delta of each text, as the form of one that gives what was held."""

    def whole(self, answer: dict[str, Any]) -> bool:
        """Change a response in place."""
        items = [*sequence(answer.get("output")), *sequence(answer.get("data"))]  # as it is listed
        changed = [self._item(item) for item in items]
        return any(changed)

    def event(self, event: Event) -> Sequence[Event] | None:
        """Change an event in place; before a text's end, return what was held of it."""
        said = event.document
        kind = said.get("type")
        if kind == "response.output_text.delta":
            changed = self._visible(event)
        elif kind == "response.output_text.done":
            changed = self._shown(said)
            if held := self._held(self._place(said)):
                return (*held, event)
        elif kind in _DELTAS:
            part = (kind, *self._place(said))
            changed = put(said, "delta", lambda text: self._shortener.piece(part, text))
        elif kind in _DONE:
            changed = put(said, "text", self._shortener.whole)
        else:
            changed = self._part(said.get("part")) | self._item(said.get("item"))
            response = said.get("response")
            if isinstance(response, dict):
                changed |= self.whole(response)
        return (event,) if changed else None

    def rest(self) -> Sequence[Event]:
        """Return what texts without an end leave held."""
        return [event for place in list(self._deltas) for event in self._held(place)]

    def _visible(self, event: Event) -> bool:
        said = event.document
        place = self._place(said)
        changed = put(said, "delta", lambda text: self._shortener.visible_piece(place, text))
        if changed:
            self._deltas[place] = event
            _without_logprobs(said)
        return changed

    def _held(self, place: Hashable) -> list[Event]:
        text = self._shortener.held(place)
        return [self._deltas[place].like(delta=text)] if text else []

    def _item(self, item: Any) -> bool:
        given = mapping(item)
        changed = [
            self._part(part)
            for name in ("summary", "content")
            for part in sequence(given.get(name))
        ]
        return any(changed)

    def _part(self, part: Any) -> bool:
        if not isinstance(part, dict):
            return False
        kind = part.get("type")
        if kind in _PARTS:
            return put(part, "text", self._shortener.whole)
        return kind == "output_text" and self._shown(part)

    def _shown(self, holder: dict[str, Any]) -> bool:
        changed = put(holder, "text", self._shortener.visible)
        if changed:
            _without_logprobs(holder)
        return changed

    @staticmethod
    def _place(event: Mapping[str, Any]) -> tuple[Any, ...]:
        return tuple(event.get(name) for name in _WHERE)


def _without_logprobs(holder: dict[str, Any]) -> None:
    # They spell out what was taken.
    if holder.get("logprobs"):
        holder["logprobs"] = []
