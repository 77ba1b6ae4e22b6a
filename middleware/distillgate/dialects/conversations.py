"""Conversations that the upstream keeps: Mistral's, which answer, and OpenAI's, which are filled.

Both are at `/conversations`; the body tells which is meant. Threads and assistants, OpenAI's way
before, are filled likewise, and so are Mistral's agents: what is put into one is asked by its name
later, and costs tokens only then, where nobody is told by whom.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from distillgate.dialects.chat import conversation
from distillgate.dialects.openai import ERRORS, USAGE, read_usage
from distillgate.dialects.responses import CONVERSATION
from distillgate.wire.answer import Answer
from distillgate.wire.content import Text, arguments, role, turns
from distillgate.wire.fields import flag, integer, mapping, sequence, word
from distillgate.wire.message import Message, Parameters, Reading
from distillgate.wire.names import COMMON
from distillgate.wire.operation import CONTENT, Answers, Fields, Measured, Operation
from distillgate.wire.parameters import is_json, offered, sampling


def read_request(document: Mapping[str, Any]) -> Reading:
    """Read what is asked in a conversation of Mistral's: a text, or entries."""
    text = Text()
    given = document.get("inputs")
    items = given if isinstance(given, list) else [given]
    messages = turns(items, _turn, text)
    if rules := text.of(document.get("instructions")):
        messages.insert(0, Message("system", rules))
    parameters = _parameters(document)
    tools = offered(parameters, document, "tools")
    return Reading(messages, len(items), parameters, tools=tools, read=text.read)


def _turn(item: Any, text: Text) -> list[Message]:
    if isinstance(item, str):
        return [Message("user", text.of(item))]
    entry = mapping(item)
    kind = word(entry.get("type")) or ""
    if kind == "function.result":
        return [Message("tool", text.of(entry.get("result")))]
    if kind == "function.call":
        return [Message("assistant", text.call(entry))]
    said = text.of(entry.get("content"))
    return [Message(role(entry.get("role") or kind.partition(".")[0]), said)] if said else []


def _parameters(document: Mapping[str, Any]) -> Parameters:
    given = mapping(document.get("completion_args"))
    parameters = sampling(given, limits=("max_tokens",))
    parameters.seed = integer(given.get("random_seed"))
    parameters.effort = word(given.get("reasoning_effort"))
    parameters.json_output = is_json(given.get("response_format"))
    parameters.stream = flag(document.get("stream"))
    return parameters


def read_answer(answer: Answer, document: Mapping[str, Any]) -> None:
    """Read a whole answer, which is a list of entries."""
    for entry in map(mapping, sequence(document.get("outputs"))):
        _read_entry(answer, entry)
    read_usage(answer, document.get("usage"))


def read_event(answer: Answer, document: Mapping[str, Any]) -> None:
    """Read a streamed event: a piece of an entry, or the end with its usage."""
    _read_entry(answer, document)
    read_usage(answer, document.get("usage"))


def _read_entry(answer: Answer, entry: Mapping[str, Any]) -> None:
    kind = word(entry.get("type")) or ""
    answer.describe(entry)
    if kind.startswith("message.output"):
        answer.show(Text().of(entry.get("content")))
    elif kind.startswith("function.call"):
        answer.hide(arguments(entry))
        answer.carry(entry.get("name"))
    elif kind.startswith("tool.execution"):
        answer.carry(entry.get("arguments"))


ANSWERED = Operation(
    name="mistral_conversation",
    endings=("/restart",),
    within="/conversations/",
    read=read_request,
    answers=Answers(read_answer, read_event, USAGE),
    errors=ERRORS,
    content=(*CONTENT, "inputs"),
    names=COMMON.also("completion_args", "random_seed"),
    measured=Measured(
        fields=Fields(
            limits=(("completion_args", "max_tokens"),),
            seeds=(("completion_args", "random_seed"),),
        ),
        routed=True,
    ),
)


def called(document: Mapping[str, Any]) -> Operation:
    """Return whose conversation a body is of."""
    return CONVERSATION if document.get("inputs") is None else ANSWERED


CONVERSATIONS = replace(
    ANSWERED,
    name="conversations",
    endings=("/conversations",),
    within="",
    named=re.compile(r"/conversations/[^/]+$"),
    choose=called,
)


def read_kept(document: Mapping[str, Any]) -> Reading:
    """Read what is put into a thread or an assistant: turns, or one, and instructions."""
    text, get = Text(), document.get
    thread = mapping(get("thread"))
    found = (get("messages"), get("additional_messages"), thread.get("messages"))
    items = [item for given in found for item in sequence(given)]
    messages = conversation([document] if "content" in document else items, text)
    rules = [text.of(get(name)) for name in ("instructions", "additional_instructions")]
    messages[:0] = [Message("system", said) for said in rules if said]
    parameters = Parameters()
    tools = offered(parameters, document, "tools")
    return Reading(messages, len(items), parameters, tools=tools, read=text.read)


_KEPT = (*CONTENT, "content", "thread", "additional_messages", "additional_instructions")
THREADS = replace(
    CONVERSATION,
    name="threads",
    endings=("/threads", "/threads/runs", "/messages", "/runs"),
    within="/threads",
    read=read_kept,
    content=_KEPT,
    stored=None,
)
ASSISTANTS = replace(
    THREADS,
    name="assistants",
    endings=("/v1/assistants", "/v1/agents"),
    within="",
    named=re.compile(r"/v1/(?:agents|assistants)/[^/]+$"),
)
