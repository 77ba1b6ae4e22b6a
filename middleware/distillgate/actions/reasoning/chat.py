"""The reasoning in chat completions and completions."""

from collections.abc import Callable, Hashable, Iterator, Sequence
from functools import partial
from typing import Any

from distillgate.actions.event import Event
from distillgate.actions.reasoning.shorten import ReasoningSettings, Shortener, put
from distillgate.wire.fields import mapping, sequence

_TEXTS = ("reasoning_content", "reasoning")
"""DeepSeek's, vLLM's and OpenRouter's names."""

_DETAILS = ("text", "summary")
"""Where an item of OpenRouter's `reasoning_details` keeps text; signatures and data stay."""

Shorten = Callable[[Hashable, str], str]


class ChatEdit:
    """Shortens reasoning fields, and tagged reasoning at the beginning of a choice's text.

    The log-probabilities of a choice go with its reasoning: they spell it out.
    """

    def __init__(self, settings: ReasoningSettings) -> None:
        self._shortener = Shortener(settings)
        self._head = Event.of({})
        self._keys: dict[Hashable, str] = {}

    def whole(self, answer: dict[str, Any]) -> bool:
        """Change an answer in place."""
        shortener = self._shortener
        changed = [
            self._choice(
                choice,
                "message",
                lambda _, text: shortener.whole(text),
                lambda _, text: shortener.visible(text),
            )
            for completion in (answer, *sequence(answer.get("data")))  # a list of stored ones
            for choice in sequence(mapping(completion).get("choices"))
            if isinstance(choice, dict)
        ]
        return any(changed)

    def event(self, event: Event) -> Sequence[Event] | None:
        """Change a chunk in place."""
        shortener, changed = self._shortener, False
        for choice in sequence(event.document.get("choices")):
            if isinstance(choice, dict):
                changed |= self._choice(choice, "delta", shortener.piece, shortener.visible_piece)
                if choice.get("finish_reason") is not None:
                    changed |= self._end(choice)
                self._head = event
        return (event,) if changed else None

    def rest(self) -> Sequence[Event]:
        """Return what a stream without finish reasons leaves held."""
        return list(self._rest())

    def _rest(self) -> Iterator[Event]:
        for index in self._shortener.parts():
            if held := self._shortener.held(index):
                choice: dict[str, Any] = {"index": index, "finish_reason": None}
                if self._keys[index] == "text":
                    choice["text"] = held
                else:
                    choice["delta"] = {"content": held}
                yield self._head.like(choices=[choice])

    def _choice(self, choice: dict[str, Any], key: str, hide: Shorten, show: Shorten) -> bool:
        index = choice.get("index") or 0
        message = choice.get(key)
        if isinstance(message, dict):
            changed = _reasoning(message, index, hide)
            holder, name = message, "content"
        else:
            changed, holder, name = False, choice, "text"
        if holder.get(name):
            self._keys[index] = name
            changed |= put(holder, name, partial(show, index))
        if changed and choice.get("logprobs") is not None:
            choice["logprobs"] = None
        return changed

    def _end(self, choice: dict[str, Any]) -> bool:
        index = choice.get("index") or 0
        held = self._shortener.held(index)
        if not held:
            return False
        if self._keys[index] == "text":
            choice["text"] = (choice.get("text") or "") + held
        else:
            delta = mapping(choice.get("delta"))
            choice["delta"] = {**delta, "content": (delta.get("content") or "") + held}
        return True


def _reasoning(message: dict[str, Any], index: Hashable, hide: Shorten) -> bool:
    changed = False
    for name in _TEXTS:
        changed |= put(message, name, partial(hide, (index, name)))
    for number, item in enumerate(sequence(message.get("reasoning_details"))):
        if isinstance(item, dict):
            part = (index, "details", item.get("index", number))
            for name in _DETAILS:
                changed |= put(item, name, partial(hide, (*part, name)))
    for number, item in enumerate(sequence(message.get("content"))):  # Mistral's
        if isinstance(item, dict) and item.get("type") == "thinking":
            for text in sequence(item.get("thinking")):
                if isinstance(text, dict):
                    changed |= put(text, "text", partial(hide, (index, "content", number)))
    return changed
