"""Google's Interactions API: `POST …/interactions`."""

from collections.abc import Mapping
from typing import Any

from distillgate.dialects.gemini import ERRORS, NAMES
from distillgate.wire.answer import Answer
from distillgate.wire.content import Text, arguments, role, turns
from distillgate.wire.fields import flag, integer, limit, mapping, number, sequence, word
from distillgate.wire.message import Message, Parameters, Reading
from distillgate.wire.names import COMMON
from distillgate.wire.operation import CONTENT, Answers, Fields, Measured, Operation
from distillgate.wire.parameters import offered
from distillgate.wire.usage import Shape

_SPOKEN = {"model_output": "assistant", "thought": "assistant", "function_call": "assistant"}
"""Whose the steps are that have no role; others are the user's, and results the tools'."""

_GIVEN = frozenset({"user_input", "function_result", "mcp_server_tool_result"})
"""Steps that the client wrote itself."""


def read_request(document: Mapping[str, Any]) -> Reading:
    """Read a request: the input is a text, a content, or a list of contents, turns or steps."""
    text = Text()
    given = document.get("input")
    items = given if isinstance(given, list) else [given]
    messages = turns(items, _turn, text)
    if system := text.of(document.get("system_instruction")):
        messages.insert(0, Message("system", system))
    config = mapping(document.get("generation_config"))
    parameters = Parameters(
        max_tokens=limit(config.get("max_output_tokens")),
        temperature=number(config.get("temperature")),
        top_p=number(config.get("top_p")),
        seed=integer(config.get("seed")),
        effort=word(config.get("thinking_level")),
        stream=document.get("stream") is True,
        background=flag(document.get("background")),
        json_output=document.get("response_format") is not None,
    )
    tools = offered(parameters, document, "tools")
    return Reading(messages, len(items), parameters, tools=tools, read=text.read)


def _turn(item: Any, text: Text) -> list[Message]:
    if item is None:
        return []
    step = mapping(item)
    kind = word(step.get("type")) or ""
    name = word(step.get("role")) or _SPOKEN.get(kind) or ("tool" if "result" in kind else "user")
    name = "assistant" if name == "model" else role(name)
    said = text.of(step["content"]) if "content" in step else text.of(item)
    return [Message(name, said or text.of(step.get("result")))]


_OUTPUT = frozenset({"text", "model_output"})
_BEGUN = frozenset({"queued", "in_progress"})
_SAID = ("text", "content", "summary", "arguments", "partial_arguments", "code", "result")
"""Where steps and their deltas keep what the model wrote."""

USAGE = Shape(
    (
        "total_input_tokens", "total_tool_use_tokens",
        "totalInputTokens", "totalToolUseTokens",
    ),
    (
        "total_output_tokens", "total_thought_tokens",
        "totalOutputTokens", "totalThoughtTokens",
    ),
    total="total_tokens",
)  # fmt: skip
"""Thoughts and tools are apart from output and input. Vertex AI spells the names its own way."""


def read_answer(answer: Answer, document: Mapping[str, Any]) -> None:
    """Read a whole interaction, of the older shape (`outputs`) or the newer (`steps`)."""
    status = word(document.get("status"))
    begun = status in _BEGUN
    answer.describe(document, None if begun else status)
    answer.id = word(document.get("id")) or answer.id
    answer.awaited = answer.id if begun else None
    answer.usage.take(USAGE, document.get("usage"))
    for step in (*sequence(document.get("outputs")), *sequence(document.get("steps"))):
        if word(mapping(step).get("type")) not in _GIVEN:
            _read_step(answer, mapping(step))


def read_event(answer: Answer, document: Mapping[str, Any]) -> None:
    """Read a streamed event: a piece of a step, or the interaction as it begins and as it ends."""
    _read_step(answer, mapping(document.get("delta")))
    interaction = mapping(document.get("interaction"))
    if interaction:
        repeated = {"outputs": None, "steps": None} if answer.chars else {}
        read_answer(answer, {**interaction, **repeated})


def _read_step(answer: Answer, step: Mapping[str, Any]) -> None:
    take = answer.show if word(step.get("type")) in _OUTPUT else answer.hide
    for name in _SAID:
        value = step.get(name)
        if isinstance(value, str):
            take(value)
        elif name == "arguments" and value is not None:
            take(arguments(step))
        elif value is not None:
            take(Text().of(value))


INTERACTIONS = Operation(
    name="interactions",
    endings=("/interactions",),
    read=read_request,
    answers=Answers(read_answer, read_event, (USAGE,)),
    errors=ERRORS,
    content=(*CONTENT, "system_instruction", "previous_interaction_id"),
    names=COMMON.also(*NAMES),
    measured=Measured(
        fields=Fields(
            limits=(("generation_config", "max_output_tokens"),),
            efforts=(("generation_config", "thinking_level"),),
            seeds=(("generation_config", "seed"),),
        ),
        routed=True,
    ),
)
