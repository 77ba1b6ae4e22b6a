"""Ollama: `/api/chat` and `/api/generate`, answered by lines of JSON unless `stream` is false."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from distillgate.dialects.chat import conversation
from distillgate.wire.answer import Answer
from distillgate.wire.content import Text, arguments
from distillgate.wire.fields import integer, limit, mapping, number, sequence, word
from distillgate.wire.message import Message, Parameters, Reading
from distillgate.wire.names import COMMON
from distillgate.wire.operation import CONTENT, Answers, Fields, Measured, Operation, Output
from distillgate.wire.parameters import offered
from distillgate.wire.refusal import Errors, Problem
from distillgate.wire.usage import OLLAMA


def read_chat(document: Mapping[str, Any]) -> Reading:
    """Read a request of `/api/chat`."""
    items = sequence(document.get("messages"))
    parameters = _parameters(document)
    tools = offered(parameters, document, "tools")
    text = Text()
    messages = conversation(items, text)
    return Reading(messages, len(items), parameters, tools=tools, read=text.read)


def read_generate(document: Mapping[str, Any]) -> Reading:
    """Read a request of `/api/generate`; `context` is the conversation so far, as token ids."""
    text = Text()
    messages = [
        Message("system", said)
        for name in ("system", "template")
        if (said := text.of(document.get(name)))
    ]
    prompt = text.join((document.get("prompt"), document.get("suffix")), text.of)
    messages.append(Message("user", prompt))
    ids = len(sequence(document.get("context")))
    return Reading(messages, 1, _parameters(document), token_ids=ids, read=text.read)


def _parameters(document: Mapping[str, Any]) -> Parameters:
    options = mapping(document.get("options"))
    think = document.get("think")
    return Parameters(
        max_tokens=limit(options.get("num_predict")),
        temperature=number(options.get("temperature")),
        top_p=number(options.get("top_p")),
        seed=integer(options.get("seed")),
        logprobs=document.get("logprobs") is True,
        top_logprobs=integer(document.get("top_logprobs")),
        effort=word(think) or ("adaptive" if think is True else None),
        stream=document.get("stream") is not False,
        json_output=bool(document.get("format")),
    )


def read_answer(answer: Answer, document: Mapping[str, Any]) -> None:
    """Read an answer, or one line of a stream: both have the same shape."""
    answer.describe(document, document.get("done_reason"))
    message = mapping(document.get("message"))
    answer.show(message.get("content"))
    answer.show(document.get("response"))
    answer.hide(message.get("thinking"))
    answer.hide(document.get("thinking"))
    for call in sequence(message.get("tool_calls")):
        function = mapping(mapping(call).get("function"))
        answer.hide(arguments(function))
        answer.carry(function.get("name"))
    answer.usage.take(OLLAMA, document)


def _error(problem: Problem, _reference: str) -> dict[str, object]:
    return {"error": problem.message, "code": problem.code}


def _line(document: bytes) -> bytes:
    return b"\n" + document + b"\n"


def read_create(document: Mapping[str, Any]) -> Reading:
    """Read what is put into a model of the client's own, which is asked by its name later."""
    reading, chat = read_generate(document), read_chat(document)
    reading.messages += chat.messages
    reading.read |= chat.read
    return reading


NAMES = ("options", "template")
_ERRORS = Errors(_error, event=_line)
OLLAMA_CHAT = Operation(
    name="ollama_chat",
    endings=("/api/chat",),
    read=read_chat,
    answers=Answers(read_answer, read_answer, (OLLAMA,)),
    errors=_ERRORS,
    content=(*CONTENT, "template", "context", "images"),
    names=COMMON.also(*NAMES),
    measured=Measured(
        fields=Fields(
            limits=(("options", "num_predict"),),
            efforts=(("think",),),
            seeds=(("options", "seed"),),
        ),
        routed=True,
    ),
)
OLLAMA_CREATE = replace(
    OLLAMA_CHAT,
    name="ollama_create",
    endings=("/api/create",),
    read=read_create,
    output=Output.FREE,
    measured=Measured(),
)
OLLAMA_GENERATE = replace(
    OLLAMA_CHAT, name="ollama_generate", endings=("/api/generate",), read=read_generate
)
