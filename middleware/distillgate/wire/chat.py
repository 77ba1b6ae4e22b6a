"""OpenAI chat completions: how a request asks, how an answer or its chunks say it."""

from collections.abc import Mapping, Sequence
from typing import Any

from distillgate.wire import usage
from distillgate.wire.answer import Answer
from distillgate.wire.api import Answers, Api
from distillgate.wire.content import Text, arguments, call, role, turns
from distillgate.wire.fields import flag, mapping, sequence, word
from distillgate.wire.message import Message, Parameters, Reading
from distillgate.wire.parameters import end_user, is_json, offered, sampling
from distillgate.wire.reference import of_parts

_REASONING = ("reasoning_content", "reasoning")
"""Where DeepSeek, vLLM and OpenRouter keep a turn's reasoning."""

_SEALED = ("reasoning_details", "thinking_blocks")
"""Where OpenRouter and LiteLLM keep what is signed or encrypted of it."""


def read_request(document: Mapping[str, Any]) -> Reading:
    """Read a chat completion request."""
    items = sequence(document.get("messages"))
    parameters = _parameters(document)
    tools = offered(parameters, document, "tools", "functions")
    prompts = conversations(items)
    return Reading(
        conversation(items), len(items), parameters, end_user(document), tools, prompts=prompts
    )


def conversations(items: Sequence[Any]) -> int:
    """Count the conversations of a request, each of which is answered."""
    return sum(type(item) is list for item in items) if list in map(type, items) else 1


def conversation(items: Any) -> list[Message]:
    """Read chat messages; a list among them is a conversation of its own (vLLM's batch)."""
    text = Text()
    return turns(items, lambda item: _turn(item, text))


def _turn(item: Any, text: Text) -> list[Message]:
    if isinstance(item, str):
        return [Message("user", item)]
    if isinstance(item, list):
        return turns(item, lambda turn: [] if isinstance(turn, list) else _turn(turn, text))
    if not isinstance(item, dict):
        return []
    name = role(item.get("role"))
    content = text.of(item.get("content"))
    if name == "assistant" and len(item) > 2:  # more than role and content
        seals: tuple[str, ...] = ()
        for key in _SEALED:
            if key in item:
                seals += of_parts(item[key])
        return [Message(name, _assistant(item, content, text), seals, content)]
    return [Message(name, content)]


def _assistant(item: dict[str, Any], content: str, text: Text) -> str:
    parts = [text.of(item[key]) for key in _REASONING if key in item]
    parts.append(content)
    if "refusal" in item:
        parts.append(text.of(item["refusal"]))
    if "tool_calls" in item:
        parts.append(text.join(sequence(item["tool_calls"]), _call))
    if isinstance(item.get("function_call"), dict):
        parts.append(call(item["function_call"]))
    return "\n".join(filter(None, parts))


def _call(part: Any) -> str:
    function = _function(part)
    return call(function) if function else ""


def _function(part: Any) -> Mapping[str, Any]:
    # What a tool call calls: `function`, or `custom` for tools that take free text.
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


USAGE = (usage.CHAT, usage.RESPONSES)
"""Whose usage it may be: hosts answer one call with the other's."""


def read_usage(answer: Answer, told: Any) -> None:
    """Take an OpenAI usage object, of whichever call."""
    for shape in USAGE:
        answer.usage.take(shape, told)


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
                answer.hide(arguments(_function(part)))
        elif key == "function_call" and isinstance(value, dict):
            answer.hide(arguments(value))


ANSWERS = Answers(read_answer, read_event, USAGE)
API = Api(("/chat/completions", "/chat/completions/batch"), read_request, ANSWERS)
