"""Google's Interactions API: `POST …/interactions`."""

from collections.abc import Mapping
from typing import Any

from distillgate.wire.answer import Answer
from distillgate.wire.api import Api, Dialect
from distillgate.wire.content import Text, role, turns
from distillgate.wire.fields import integer, limit, mapping, number, sequence, word
from distillgate.wire.message import Message, Parameters, Reading
from distillgate.wire.parameters import offered

_SPOKEN = {"model_output": "assistant", "thought": "assistant", "function_call": "assistant"}
"""Whose the steps are that have no role; others are the user's, and results the tools'."""


def read_request(document: Mapping[str, Any]) -> Reading:
    """Read a request: the input is a text, a content, or a list of contents, turns or steps."""
    text = Text()
    given = document.get("input")
    items = given if isinstance(given, list) else [given]
    messages = turns(items, lambda item: _turn(item, text))
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
        json_output=document.get("response_format") is not None,
    )
    tools = offered(parameters, document, "tools")
    return Reading(messages, len(items), parameters, tools=tools)


def _turn(item: Any, text: Text) -> list[Message]:
    if item is None:
        return []
    step = mapping(item)
    kind = word(step.get("type")) or ""
    name = word(step.get("role")) or _SPOKEN.get(kind) or ("tool" if "result" in kind else "user")
    name = "assistant" if name == "model" else role(name)
    said = text.of(step["content"]) if "content" in step else text.of(item)
    return [Message(name, said or text.of(step.get("result")))]


def read_answer(answer: Answer, document: Mapping[str, Any]) -> None:
    """Read a whole interaction, of the older shape (`outputs`) or the newer (`steps`)."""
    answer.describe(document, document.get("status"))
    for step in (*sequence(document.get("outputs")), *sequence(document.get("steps"))):
        visible = mapping(step).get("type") in ("text", "model_output")
        (answer.show if visible else answer.hide)(Text().of(step))


def read_event(answer: Answer, document: Mapping[str, Any]) -> None:
    """Read a streamed event."""
    delta = mapping(document.get("delta"))
    visible = delta.get("type") in ("text", None)
    (answer.show if visible else answer.hide)(Text().of(delta.get("content") or dict(delta)))
    answer.describe(mapping(document.get("interaction")))


API = Api(("/interactions",), read_request, Dialect.GOOGLE)
