"""OpenAI chat completions: how a request asks, how an answer or its chunks say it."""

import re
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from distillgate.dialects.openai import ERRORS, SAMPLED, SERVERS, SHORTEST, USAGE, read_usage
from distillgate.wire.answer import Answer
from distillgate.wire.content import Text, arguments, role, turns
from distillgate.wire.event import Event
from distillgate.wire.fields import flag, mapping, sequence, word
from distillgate.wire.message import Message, Parameters, Reading
from distillgate.wire.operation import Answers, Instructions, Measured, Operation
from distillgate.wire.parameters import end_user, is_json, offered, sampling
from distillgate.wire.reference import of_parts
from distillgate.wire.shorten import ReasoningSettings, Shortener, put

_REASONING = ("reasoning_content", "reasoning")
"""Where DeepSeek, vLLM and OpenRouter keep a turn's reasoning."""

_SEALED = ("reasoning_details", "thinking_blocks")
"""Where OpenRouter and LiteLLM keep what is signed or encrypted of it."""

_THOUGHT = (*_REASONING, "thinking")
"""Ollama's, too."""

_BESIDE = frozenset({*_THOUGHT, *_SEALED, "refusal", "tool_calls", "function_call"})
"""Where a turn keeps more than its content; templates print it whatever the role."""


def read_request(document: Mapping[str, Any]) -> Reading:
    """Read a chat completion request."""
    items = sequence(document.get("messages"))
    parameters = _parameters(document)
    tools = offered(parameters, document, "tools", "functions")
    text = Text()
    messages = conversation(items, text)
    reading = Reading(messages, len(items), parameters, end_user(document), tools, read=text.read)
    reading.prompts = conversations(items)
    return reading


def conversations(items: Sequence[Any]) -> int:
    """Count the conversations of a request, each of which is answered."""
    return sum(type(item) is list for item in items) if list in map(type, items) else 1


def conversation(items: Sequence[Any], text: Text) -> list[Message]:
    """Read chat messages; a list among them is a conversation of its own (vLLM's batch)."""
    return turns(items, _turn, text)


def _inner(item: Any, text: Text) -> list[Message]:
    """Read a turn of a conversation within the list: there is none within that."""
    return [] if isinstance(item, list) else _turn(item, text)


def _turn(item: Any, text: Text) -> list[Message]:
    if not isinstance(item, dict):
        if isinstance(item, str):
            return [Message("user", text.of(item))]
        return turns(item, _inner, text) if isinstance(item, list) else []
    name = role(item.get("role"))
    content = text.of(item.get("content"))
    if _BESIDE.isdisjoint(item):
        return [Message(name, content)]
    said = _spoken(item, content, text)
    if name != "assistant":
        return [Message(name, said)]
    seals: tuple[str, ...] = ()
    for key in _SEALED:
        if key in item:
            seals += of_parts(item[key])
    return [Message(name, said, seals, content)]


def _spoken(item: dict[str, Any], content: str, text: Text) -> str:
    parts = [text.of(item[key]) for key in _THOUGHT if key in item]
    parts.append(content)
    if "refusal" in item:
        parts.append(text.of(item["refusal"]))
    if "tool_calls" in item:
        parts.append(text.join(sequence(item["tool_calls"]), lambda part: _call(part, text)))
    if "function_call" in item:
        parts.append(_call(item["function_call"], text))
    return "\n".join(filter(None, parts))


def _call(part: Any, text: Text) -> str:
    function = _function(part)
    return text.call(function) if function else ""


def _function(part: Any) -> Mapping[str, Any]:
    # What a tool call calls: `function`, or `custom` for tools that take free text.
    if type(part) is dict and type(called := part.get("function")) is dict and called:
        return called
    whole = mapping(part)
    return mapping(whole.get("function") or whole.get("custom")) or whole


def _parameters(document: Mapping[str, Any]) -> Parameters:
    get = document.get
    parameters = sampling(document, limits=("max_completion_tokens", "max_tokens"))
    parameters.logprobs = flag(get("logprobs")) or get("prompt_logprobs") is not None
    effort = word(get("reasoning_effort")) or word(mapping(get("reasoning")).get("effort"))
    parameters.effort = effort
    parameters.json_output = is_json(get("response_format"))
    return parameters


def read_answer(answer: Answer, document: Mapping[str, Any]) -> None:
    """Read a whole answer of chat completions or completions: of several choices, the first."""
    _read_choices(answer, document, "message")
    if "choices" not in document:  # xAI's deferred completions
        answer.awaited = word(document.get("request_id"))


def read_event(answer: Answer, document: Mapping[str, Any]) -> None:
    """Read a chunk of a streamed answer. Chunks have no event name; usage comes in the last."""
    _read_choices(answer, document, "delta")


def _read_choices(answer: Answer, document: Mapping[str, Any], key: str) -> None:
    answer.describe(document)
    for choice in sequence(document.get("choices")):
        if not isinstance(choice, dict):
            continue
        answer.finish_reason = answer.finish_reason or word(choice.get("finish_reason"))
        first = not choice.get("index")
        message = choice.get(key)
        if isinstance(message, dict):
            _read_message(answer, message, first=first)
        elif first:
            answer.show(choice.get("text"))
        else:
            answer.hide(choice.get("text"))
        read_usage(answer, choice.get("usage"))  # Moonshot's streams
    read_usage(answer, mapping(document.get("x_groq")).get("usage"))
    read_usage(answer, document.get("usage"))


def _read_message(answer: Answer, message: dict[str, Any], *, first: bool) -> None:
    show = answer.show if first else answer.hide
    content = message.get("content")
    show(content if content is None or isinstance(content, str) else Text().of(content))
    for key, value in message.items():
        if not value or key in {"content", "role"}:
            continue
        if key == "refusal":
            show(value)
        elif key in _REASONING:
            answer.hide(value)
        elif key in _SEALED:
            for part in sequence(value):
                answer.refer(part)
        elif key == "tool_calls":
            for part in sequence(value):
                _read_call(answer, _function(part))
        elif key == "function_call" and isinstance(value, dict):
            _read_call(answer, value)


def _read_call(answer: Answer, function: Mapping[str, Any]) -> None:
    answer.hide(arguments(function))
    answer.carry(function.get("name"))


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
            changed = _shortened(message, index, hide)
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


def _shortened(message: dict[str, Any], index: Hashable, hide: Shorten) -> bool:
    changed = False
    for name in _REASONING:
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


ANSWERS = Answers(read_answer, read_event, USAGE)
CHAT = Operation(
    name="chat",
    endings=("/chat/completions", "/chat/completions/batch"),
    read=read_request,
    answers=ANSWERS,
    errors=ERRORS,
    measured=Measured(
        limits=("max_completion_tokens", "max_tokens"),
        aliases=SERVERS,
        needs={"logprobs": ("top_logprobs",), **SAMPLED},
        at_most=SHORTEST,
        prefilled=True,
        routed=True,
        instructions=Instructions("messages", turn=True),
        reasoning=ChatEdit,
    ),
    stored=re.compile(r"/chat/completions(?:/[^/]+)?$"),
)
