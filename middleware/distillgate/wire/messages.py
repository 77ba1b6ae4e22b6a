"""Anthropic messages and count_tokens: how a request asks, how an answer or its events say it."""

from collections.abc import Mapping
from typing import Any

from distillgate.wire import usage
from distillgate.wire.answer import Answer
from distillgate.wire.api import Answers, Api, Dialect, Output
from distillgate.wire.content import Text, arguments, role, turns
from distillgate.wire.fields import flag, limit, mapping, number, sequence, word
from distillgate.wire.message import Message, Parameters, Reading
from distillgate.wire.parameters import is_json, offered, person
from distillgate.wire.reference import of_parts


def read_request(document: Mapping[str, Any]) -> Reading:
    """Read a request of either call: the system text first, then the turns."""
    text = Text()
    items = sequence(document.get("messages"))
    messages = turns(items, lambda item: _turn(item, text))
    if system := text.of(document.get("system")):
        messages.insert(0, Message("system", system))
    parameters = _parameters(document)
    tools = offered(parameters, document, "tools")
    end_user = person(mapping(document.get("metadata")).get("user_id"))
    return Reading(messages, len(items), parameters, end_user, tools)


def _turn(item: Any, text: Text) -> list[Message]:
    if not isinstance(item, dict):
        return []
    name, content = role(item.get("role")), item.get("content")
    if name != "user" or not isinstance(content, list):
        visible = text.of(_visible(content)) if isinstance(content, list) else None
        return [Message(name, text.of(content), of_parts(content), visible)]
    results = [part for part in content if mapping(part).get("type") == "tool_result"]
    if not results:
        return [Message(name, text.of(content))]
    said = [part for part in content if mapping(part).get("type") != "tool_result"]
    messages = [Message("tool", text.of(results))]
    if said:
        messages.append(Message(name, text.of(said)))
    return messages


def _visible(content: list[Any]) -> list[Any]:
    """Return the parts of a turn that a client shows."""
    return [part for part in content if mapping(part).get("type") == "text"]


def _parameters(document: Mapping[str, Any]) -> Parameters:
    get = document.get
    output = mapping(get("output_config"))
    return Parameters(
        max_tokens=limit(get("max_tokens")),
        temperature=number(get("temperature")),
        top_p=number(get("top_p")),
        effort=word(output.get("effort")) or _thinking(mapping(get("thinking"))),
        stream=flag(get("stream")),
        json_output=is_json(output.get("format")) or is_json(get("output_format")),
    )


def _thinking(thinking: Mapping[str, Any]) -> str | None:
    kind = thinking.get("type")
    if kind == "adaptive":
        return "adaptive"
    return "budget" if kind == "enabled" else None


WANTED = frozenset(
    {b"message_start", b"content_block_start", b"content_block_delta", b"message_delta"}
)
"""The events that are read."""


def read_answer(answer: Answer, document: Mapping[str, Any]) -> None:
    """Read a whole message, or a count: counting consumes nothing, so its usage is none."""
    answer.describe(document, document.get("stop_reason"))
    for block in sequence(document.get("content")):
        if isinstance(block, dict):
            _read_block(answer, block)
    answer.usage.take(usage.MESSAGES, document.get("usage"))


def read_event(answer: Answer, document: Mapping[str, Any]) -> None:
    """Read a streamed event."""
    kind = document.get("type")
    if kind == "content_block_delta":
        delta = mapping(document.get("delta"))
        answer.show(delta.get("text"))
        answer.hide(delta.get("thinking"))
        answer.hide(delta.get("partial_json"))
        if delta.get("type") == "signature_delta":
            answer.refer({"type": "thinking", "signature": delta.get("signature")})
    elif kind == "message_delta":
        answer.describe(document, mapping(document.get("delta")).get("stop_reason"))
        answer.usage.take(usage.MESSAGES, document.get("usage"))
    elif kind == "content_block_start":
        # The block is empty yet, but for servers that send it whole.
        block = document.get("content_block")
        answer.show(mapping(block).get("text"))
        answer.refer(block)
    elif kind == "message_start":
        message = mapping(document.get("message"))
        answer.describe(message)
        # Its `output_tokens` is a placeholder: a client that leaves would be charged next to none.
        answer.usage.take(usage.MESSAGES, message.get("usage"), prompt_only=True)


def _read_block(answer: Answer, block: dict[str, Any]) -> None:
    answer.show(block.get("text"))
    answer.hide(block.get("thinking"))
    answer.hide(arguments(block))
    answer.refer(block)


_ANSWERS = Answers(read_answer, read_event, (usage.MESSAGES,), WANTED)
API = Api(("/v1/messages",), read_request, _ANSWERS, Dialect.ANTHROPIC)
COUNT = Api(("/v1/messages/count_tokens",), read_request, _ANSWERS, Dialect.ANTHROPIC, Output.FREE)
