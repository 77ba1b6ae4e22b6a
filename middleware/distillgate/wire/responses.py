"""OpenAI Responses: how a request asks, how an answer or its events say it."""

from collections.abc import Mapping
from typing import Any

from distillgate.wire.answer import Answer
from distillgate.wire.api import CONTENT, Answers, Api
from distillgate.wire.chat import USAGE, read_usage
from distillgate.wire.content import Text, arguments, call, role, turns
from distillgate.wire.fields import mapping, sequence, word
from distillgate.wire.message import Message, Parameters, Reading
from distillgate.wire.parameters import end_user, is_json, offered, sampling
from distillgate.wire.reference import of_parts

LOGPROBS = "message.output_text.logprobs"
"""What `include` names to ask for log-probabilities."""


def read_request(document: Mapping[str, Any]) -> Reading:
    """Read a request: instructions first, then a stored prompt's variables, then the input."""
    text = Text()
    given = document.get("input")
    items = [given] if isinstance(given, str | dict) else sequence(given)
    messages = turns(items, lambda item: _turn(item, text))
    # A prompt stored at the upstream is unseen; what varies in it is not.
    variables = mapping(mapping(document.get("prompt")).get("variables"))
    if filled := text.join(variables.values(), text.of):
        messages.insert(0, Message("user", filled))
    if instructions := text.of(document.get("instructions")):
        messages.insert(0, Message("system", instructions))
    parameters = _parameters(document)
    tools = offered(parameters, document, "tools")
    return Reading(messages, len(items), parameters, end_user(document), tools)


def _turn(item: Any, text: Text) -> list[Message]:
    if isinstance(item, str):
        return [Message("user", item)]
    if not isinstance(item, dict):
        return []
    if "role" in item:
        return [Message(role(item["role"]), text.of(item.get("content")))]
    kind = item.get("type")
    kind = kind if isinstance(kind, str) else "message"
    if kind == "message":
        return [Message("user", text.of(item.get("content")))]
    if kind.endswith("_output"):
        return [Message("tool", text.of(item.get("output")))]
    said = call(item) if kind.endswith("_call") else text.of(item)
    seals = of_parts([item])
    return [Message("assistant", said, seals)] if said or seals else []


def _parameters(document: Mapping[str, Any]) -> Parameters:
    get = document.get
    parameters = sampling(document, limits=("max_output_tokens",))
    parameters.logprobs = LOGPROBS in sequence(get("include")) or bool(parameters.top_logprobs)
    parameters.effort = word(mapping(get("reasoning")).get("effort"))
    parameters.json_output = is_json(mapping(get("text")).get("format"))
    return parameters


_VISIBLE = frozenset({"response.output_text.delta", "response.refusal.delta"})
_HIDDEN = frozenset({
    "response.reasoning_text.delta", "response.reasoning_summary_text.delta",
    "response.function_call_arguments.delta", "response.custom_tool_call_input.delta",
    "response.mcp_call_arguments.delta", "response.code_interpreter_call_code.delta",
    "response.shell_call_command.delta",
})  # fmt: skip
_BEGUN = frozenset({"response.created", "response.queued", "response.in_progress"})
_WHOLE = _BEGUN | frozenset({
    "response.completed", "response.incomplete", "response.failed", "response.cancelled",
})  # fmt: skip

WANTED = frozenset(name.encode() for name in _VISIBLE | _HIDDEN | _WHOLE)
"""The events that are read. The others repeat what these say, often at length."""


def read_answer(answer: Answer, document: Mapping[str, Any]) -> None:
    """Read a whole response; its reason is its status, or why it is incomplete."""
    _finish(answer, document)
    for item in sequence(document.get("output")):
        kind = mapping(item).get("type")
        if kind == "message":
            answer.show(Text().of(item.get("content")))
        elif kind == "reasoning":
            answer.hide(Text().of(item))
            answer.refer(item)
        elif isinstance(kind, str) and kind.endswith("_call"):
            answer.hide(arguments(item))


def read_event(answer: Answer, document: Mapping[str, Any]) -> None:
    """Read a streamed event: a delta, or the response as it begins and as it ends."""
    kind = document.get("type")
    if not isinstance(kind, str):
        return
    if kind in _VISIBLE:
        answer.show(document.get("delta"))
    elif kind in _HIDDEN:
        answer.hide(document.get("delta"))
    elif kind in _WHOLE:
        response = mapping(document.get("response"))
        if kind in _BEGUN:
            answer.describe(response)
            _await(answer, response)
        elif answer.chars:
            _finish(answer, response)
            for item in sequence(response.get("output")):
                answer.refer(item)
        else:
            read_answer(answer, response)


def _finish(answer: Answer, response: Mapping[str, Any]) -> None:
    reason = mapping(response.get("incomplete_details")).get("reason")
    answer.describe(response, word(reason) or response.get("status"))
    read_usage(answer, response.get("usage"))
    _await(answer, response)


def _await(answer: Answer, response: Mapping[str, Any]) -> None:
    """Learn the answer's name, and whether it is still to come."""
    waits = response.get("status") in ("queued", "in_progress")
    answer.id = word(response.get("id")) or answer.id
    answer.awaited = answer.id if waits else None


_ANSWERS = Answers(read_answer, read_event, USAGE, WANTED)
_CONTENT = (*CONTENT, "previous_response_id", "conversation")
API = Api(("/responses",), read_request, _ANSWERS, content=_CONTENT)
COMPACT = Api(("/responses/compact",), read_request, _ANSWERS, content=_CONTENT)
