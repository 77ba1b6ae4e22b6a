"""Chat in Cohere's two forms (Cohere's own, vLLM's `/cohere/v2/chat`) and in LM Studio's.

The older form has a `message` and the history apart from it, the newer one `messages`. LM Studio's
`/api/v1/chat` ends as Cohere's older path does: what stands in a body is read under all names.
"""

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from distillgate.dialects.chat import conversation
from distillgate.wire.answer import Answer
from distillgate.wire.content import Text, arguments, role, turns
from distillgate.wire.fields import mapping, number, sequence, word
from distillgate.wire.message import Message, Parameters, Reading
from distillgate.wire.names import COMMON
from distillgate.wire.operation import CONTENT, Answers, Measured, Operation
from distillgate.wire.parameters import is_json, offered, sampling
from distillgate.wire.refusal import Errors, Problem
from distillgate.wire.usage import Shape

_LIMITS = ("max_tokens", "max_output_tokens")
_ASKED = ("message", "input")
_RULES = ("preamble", "system_prompt")


def read_request(document: Mapping[str, Any]) -> Reading:
    """Read a request: the rules, the turns so far, and what is asked."""
    text, get = Text(), document.get
    items = [*sequence(get("chat_history")), *sequence(get("messages"))]
    messages = turns(items, _turn, text)
    asked = [said for name in _ASKED if (said := text.of(get(name)))]
    messages += [Message("user", said) for said in asked]
    rules = [said for name in _RULES if (said := text.of(get(name)))]
    messages[:0] = [Message("system", said) for said in rules]
    parameters = _parameters(document)
    tools = offered(parameters, document, "tools")
    return Reading(messages, len(items) + len(asked), parameters, tools=tools, read=text.read)


def _turn(item: Any, text: Text) -> list[Message]:
    turn = mapping(item)
    if "message" in turn:
        name = "assistant" if word(turn.get("role")) == "CHATBOT" else role(turn.get("role"))
        return [Message(name, text.of(turn["message"]))]
    read = conversation([item], text)
    if "tool_plan" in turn and read:
        plan = text.of(turn["tool_plan"])
        read[0] = replace(read[0], text="\n".join(filter(None, (plan, read[0].text))))
    return read


def _parameters(document: Mapping[str, Any]) -> Parameters:
    get = document.get
    parameters = sampling(document, limits=_LIMITS)
    parameters.top_p = number(get("p")) if parameters.top_p is None else parameters.top_p
    parameters.logprobs = get("logprobs") is True
    thinking = mapping(get("thinking")).get("type") == "enabled"
    parameters.effort = word(get("reasoning")) or ("budget" if thinking else None)
    parameters.json_output = is_json(get("response_format"))
    return parameters


_TOKENS = Shape(("input_tokens",), ("output_tokens",))
_STATS = Shape(("input_tokens",), ("total_output_tokens",))
"""LM Studio's, reasoning included."""


def read_answer(answer: Answer, document: Mapping[str, Any]) -> None:
    """Read a whole answer."""
    _finish(answer, document)
    answer.show(document.get("text"))
    _read_message(answer, mapping(document.get("message")))
    _read_message(answer, document)
    for item in map(mapping, sequence(document.get("output"))):
        shown = item.get("type") == "message"
        (answer.show if shown else answer.hide)(item.get("content"))
        answer.hide(arguments(item))


def _finish(answer: Answer, document: Mapping[str, Any]) -> None:
    answer.describe(document, document.get("finish_reason"))
    for told in (mapping(document.get("usage")), mapping(document.get("meta"))):
        # What is billed leaves out what Cohere puts before the prompt: the tokens count.
        answer.usage.take(_TOKENS, told.get("billed_units"))
        answer.usage.take(_TOKENS, told.get("tokens"))
    answer.usage.take(_STATS, document.get("stats"))


def _read_message(answer: Answer, message: Mapping[str, Any]) -> None:
    """Read a message, or a piece of one, whose parts are no list."""
    for part in _several(message.get("content")):
        answer.show(part.get("text"))
        answer.hide(part.get("thinking"))
    answer.hide(message.get("tool_plan"))
    for call in _several(message.get("tool_calls")):
        function = mapping(call.get("function")) or call
        given = function.get("parameters")
        answer.hide(arguments(function if given is None else {"input": given}))
        answer.carry(function.get("name"))


def _several(value: Any) -> list[Mapping[str, Any]]:
    return [mapping(item) for item in (value if isinstance(value, list) else [value])]


def read_event(answer: Answer, document: Mapping[str, Any]) -> None:
    """Read a streamed event of any of the forms."""
    kind = word(document.get("type")) or ""
    delta = mapping(document.get("delta"))
    _read_message(answer, mapping(delta.get("message")))
    _finish(answer, delta)
    if kind == "message.delta" or document.get("event_type") == "text-generation":
        answer.show(document.get("content"))
        answer.show(document.get("text"))
    elif kind.endswith(".delta"):
        answer.hide(document.get("content"))
    for name in ("response", "result"):  # the whole answer once more, at the end
        whole = mapping(document.get(name))
        if whole:
            (_finish if answer.chars else read_answer)(answer, whole)


def _error(problem: Problem, reference: str) -> dict[str, object]:
    return {"id": reference, "message": problem.message, "code": problem.code}


COHERE = Operation(
    name="cohere",
    endings=("/v1/chat", "/v2/chat"),
    read=read_request,
    answers=Answers(read_answer, read_event, (_TOKENS, _STATS)),
    errors=Errors(_error),
    content=(*CONTENT, "message", "chat_history", "preamble", "system_prompt"),
    names=COMMON.also("message", "chat_history", "preamble", "system_prompt", "token_budget"),
    measured=Measured(
        limits=("max_tokens",),
        aliases=("max_output_tokens",),
        at_most=(("thinking", "token_budget"),),
        routed=True,
    ),
)
