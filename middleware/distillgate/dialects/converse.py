"""Amazon Bedrock's Converse: one form of chat for every model that is served there.

Its parts have no `type`: the one key that a part has says what it is.
"""

from collections.abc import Callable, Mapping
from typing import Any

from distillgate.wire.answer import Answer
from distillgate.wire.content import TOOL_LIMIT, Text, arguments, role, turns
from distillgate.wire.fields import limit, mapping, number, sequence, word
from distillgate.wire.message import Message, Parameters, Reading
from distillgate.wire.names import COMMON
from distillgate.wire.operation import CONTENT, Answers, Fields, Measured, Operation
from distillgate.wire.refusal import Errors, Problem
from distillgate.wire.usage import Shape


def read_request(document: Mapping[str, Any]) -> Reading:
    """Read a request; what is put into a kept prompt's variables is what its user says."""
    text = Text()
    items = sequence(document.get("messages"))
    messages = turns(items, _turn, text)
    if filled := text.of(list(mapping(document.get("promptVariables")).values())):
        messages.append(Message("user", filled))
    if system := _said(document.get("system"), text):
        messages.insert(0, Message("system", system))
    tools = [
        mapping(tool).get("toolSpec", tool)
        for tool in sequence(mapping(document.get("toolConfig")).get("tools"))[:TOOL_LIMIT]
    ]
    parameters = _parameters(document)
    parameters.tools = len(tools)
    return Reading(messages, len(items), parameters, tools=tools, read=text.read)


def _turn(given: Any, text: Text) -> list[Message]:
    item = mapping(given)
    return [Message(role(item.get("role")), _said(item.get("content"), text))]


def _said(content: Any, text: Text) -> str:
    parts = content if isinstance(content, list) else [content]
    return text.join(parts, lambda part: _part(part, text))


def _part(part: Any, text: Text) -> str:
    if not isinstance(part, dict):
        return text.of(part)
    for key, read in _PARTS.items():
        if (value := part.get(key)) is not None:
            return read(value, text)
    return ""


def _text(value: Any, text: Text) -> str:
    return text.of(value)


def _document(document: Any, text: Text) -> str:
    source = mapping(mapping(document).get("source"))
    given = (mapping(document).get("context"), source.get("text"), source.get("content"))
    return text.of([said for said in given if said is not None])


_PARTS: Mapping[str, Callable[[Any, Text], str]] = {
    "text": _text,
    "toolUse": lambda value, text: text.call(mapping(value)),
    "toolResult": lambda value, text: _said(mapping(value).get("content"), text),
    "json": lambda value, text: text.arguments({"input": value}),
    "reasoningContent": lambda value, text: text.of(mapping(value).get("reasoningText")),
    "document": _document,
    "guardContent": _text,
}
"""How each part is read, by the key that it has."""


def _parameters(document: Mapping[str, Any]) -> Parameters:
    config = mapping(document.get("inferenceConfig"))
    more = mapping(document.get("additionalModelRequestFields"))
    thinking = mapping(more.get("thinking") or more.get("reasoning_config"))
    return Parameters(
        max_tokens=limit(config.get("maxTokens")),
        temperature=number(config.get("temperature")),
        top_p=number(config.get("topP")),
        effort=word(more.get("reasoning_effort"))
        or ("budget" if thinking.get("type") == "enabled" else None),
        json_output="outputConfig" in document,
    )


_USAGE = Shape(
    ("inputTokens", "cacheReadInputTokens", "cacheWriteInputTokens"),
    ("outputTokens",),
    total="totalTokens",
)


def read_answer(answer: Answer, document: Mapping[str, Any]) -> None:
    """Read an answer. Streams of it are Amazon's binary events, which are not read."""
    answer.finish_reason = word(document.get("stopReason")) or answer.finish_reason
    message = mapping(mapping(document.get("output")).get("message"))
    for part in map(mapping, sequence(message.get("content"))):
        answer.show(part.get("text"))
        answer.hide(mapping(mapping(part.get("reasoningContent")).get("reasoningText")).get("text"))
        if used := mapping(part.get("toolUse")):
            answer.hide(arguments({"input": used.get("input")}))
            answer.carry(used.get("name"))
    answer.usage.take(_USAGE, document.get("usage"))


_TYPES = {
    400: "ValidationException",
    401: "AccessDeniedException",
    403: "AccessDeniedException",
    404: "ResourceNotFoundException",
    413: "ValidationException",
    429: "ThrottlingException",
    503: "ServiceUnavailableException",
    504: "ModelTimeoutException",
}


def _error(problem: Problem, _reference: str) -> dict[str, object]:
    return {"__type": _kind(problem), "message": problem.message, "code": problem.code}


def _named(problem: Problem) -> tuple[bytes, bytes]:
    """Make the header that Amazon's SDKs raise by; a body's `code` would be taken for it."""
    return b"x-amzn-errortype", _kind(problem).encode()


def _kind(problem: Problem) -> str:
    return _TYPES.get(problem.status, "InternalServerException")


ERRORS = Errors(_error, reference=b"x-amzn-requestid", named=_named)


CONVERSE = Operation(
    name="converse",
    endings=("/converse", "/converse-stream"),
    read=read_request,
    answers=Answers(read_answer, read_answer, (_USAGE,)),
    errors=ERRORS,
    content=(*CONTENT, "promptVariables", "toolConfig"),
    names=COMMON.also("inferenceConfig", "maxTokens", "toolConfig", "promptVariables"),
    measured=Measured(fields=Fields(limits=(("inferenceConfig", "maxTokens"),))),
)
