"""Google's Gemini: `generateContent` and its relatives, of the Gemini API and of Vertex AI.

Google reads protobuf's JSON: each name in camel case or as it is in the schema.
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from distillgate.wire.answer import Answer
from distillgate.wire.content import TOOL_LIMIT, Text, arguments, role, turns
from distillgate.wire.fields import count, flag, integer, mapping, number, sequence, word
from distillgate.wire.message import Message, Parameters, Reading
from distillgate.wire.names import COMMON
from distillgate.wire.operation import CONTENT, Answers, Fields, Measured, Operation, Output
from distillgate.wire.parameters import largest
from distillgate.wire.refusal import Errors, Problem
from distillgate.wire.usage import GEMINI as GEMINI_USAGE


@cache
def _snake(name: str) -> str:
    return re.sub("[A-Z]", lambda capital: f"_{capital[0].lower()}", name)


def _get(document: Mapping[str, Any], name: str) -> Any:
    value = document.get(name)
    return document.get(_snake(name)) if value is None else value


def read_request(document: Mapping[str, Any]) -> Reading:
    """Read a request; of a batch of embeddings each is an input."""
    text = Text()
    given = document.get("contents")
    if given is None:
        requests = sequence(document.get("requests")) or [document]
        given = [mapping(request).get("content") for request in requests]
    items = given if isinstance(given, list) else [given]
    messages = turns(items, _turn, text)
    if system := _said(_get(document, "systemInstruction"), text):
        messages.insert(0, Message("system", system))
    parameters = _parameters(mapping(_get(document, "generationConfig")))
    tools = _tools(document)
    parameters.tools = len(tools)
    reading = Reading(messages, len(items), parameters, tools=tools[:TOOL_LIMIT], read=text.read)
    reading.prompts = max(1, len(sequence(document.get("requests"))))
    return reading


def _tools(document: Mapping[str, Any]) -> list[Any]:
    tools: list[Any] = []
    for tool in sequence(document.get("tools"))[:TOOL_LIMIT]:
        declared = sequence(_get(mapping(tool), "functionDeclarations"))
        tools.extend(declared or [tool])
    return tools


def _turn(item: Any, text: Text) -> list[Message]:
    if item is None:
        return []
    name = word(mapping(item).get("role")) or "user"
    return [Message("assistant" if name == "model" else role(name), _said(item, text))]


def _said(content: Any, text: Text) -> str:
    # A content has parts; a text, a part or a list of either is taken for one.
    parts = mapping(content).get("parts", content)
    return text.join(parts if isinstance(parts, list) else [parts], lambda part: _part(part, text))


def _part(part: Any, text: Text) -> str:
    if not isinstance(part, dict) or part.get("text") is not None:
        return text.of(part)
    called = mapping(_get(part, "functionCall"))
    if called:
        return text.call({"name": called.get("name"), "input": called.get("args")})
    answered = mapping(_get(part, "functionResponse"))
    if answered:
        return text.arguments({"input": answered.get("response")})
    ran = mapping(_get(part, "executableCode")) or mapping(_get(part, "codeExecutionResult"))
    return text.of(ran.get("code") or ran.get("output"))


def _parameters(config: Mapping[str, Any]) -> Parameters:
    limits = [
        value
        for value in (config.get("maxOutputTokens"), config.get("max_output_tokens"))
        if value is not None
    ]
    thinking = mapping(_get(config, "thinkingConfig"))
    budget = _get(thinking, "thinkingBudget")
    return Parameters(
        max_tokens=largest(limits) if limits else None,
        temperature=number(config.get("temperature")),
        top_p=number(_get(config, "topP")),
        n=count(_get(config, "candidateCount")),
        seed=integer(config.get("seed")),
        logprobs=flag(_get(config, "responseLogprobs")),
        top_logprobs=integer(config.get("logprobs")),
        effort=word(_get(thinking, "thinkingLevel")) or ("budget" if budget is not None else None),
        json_output=_get(config, "responseMimeType") == "application/json",
    )


def read_answer(answer: Answer, document: Mapping[str, Any]) -> None:
    """Read an answer, or one piece of a stream: both have the same shape."""
    answer.model = word(document.get("modelVersion")) or answer.model
    for place, candidate in enumerate(sequence(document.get("candidates"))):
        entry = mapping(candidate)
        answer.finish_reason = answer.finish_reason or word(entry.get("finishReason"))
        first = not entry.get("index", place)
        for part in sequence(mapping(entry.get("content")).get("parts")):
            _read_part(answer, mapping(part), first=first)
    answer.usage.take(GEMINI_USAGE, document.get("usageMetadata"))


def _read_part(answer: Answer, part: Mapping[str, Any], *, first: bool) -> None:
    visible = first and not part.get("thought")
    (answer.show if visible else answer.hide)(part.get("text"))
    if called := mapping(part.get("functionCall")):
        answer.hide(arguments({"input": called.get("args")}))
        answer.carry(called.get("name"))
    answer.carry(part.get("codeExecutionResult"))
    answer.hide(mapping(part.get("executableCode")).get("code"))


_CONTENT = (*CONTENT, "contents", "content", "requests", "systemInstruction", "system_instruction")


def _config(*names: str) -> tuple[tuple[str, ...], ...]:
    """Return the path of a setting below the configuration, in both spellings of each name."""
    paths: list[tuple[str, ...]] = [()]
    for name in ("generationConfig", *names):
        both = dict.fromkeys((name, _snake(name)))
        paths = [(*path, spelt) for path in paths for spelt in both]
    return tuple(paths)


_FIELDS = Fields(
    limits=_config("maxOutputTokens"),
    choices=_config("candidateCount"),
    logprobs=_config("responseLogprobs") + _config("logprobs"),
    efforts=_config("thinkingConfig", "thinkingLevel"),
    budgets=_config("thinkingConfig", "thinkingBudget"),
    seeds=_config("seed"),
)
NAMES = (
    "contents", "parts", "systemInstruction", "system_instruction", "generationConfig",
    "generation_config", "maxOutputTokens", "candidateCount", "functionDeclarations",
)  # fmt: skip
_STATUSES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    413: "INVALID_ARGUMENT",
    429: "RESOURCE_EXHAUSTED",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}


def _error(problem: Problem, _reference: str) -> dict[str, object]:
    info = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": problem.code}
    status = _STATUSES.get(problem.status, "INTERNAL")
    error = {"code": problem.status, "message": problem.message, "status": status}
    return {"error": {**error, "details": [info]}}


ERRORS = Errors(_error)
_ANSWERS = Answers(read_answer, read_answer, (GEMINI_USAGE,), array=True)
GEMINI = Operation(
    name="gemini",
    endings=(":generatecontent", ":streamgeneratecontent"),
    read=read_request,
    answers=_ANSWERS,
    errors=ERRORS,
    content=_CONTENT,
    names=COMMON.also(*NAMES),
    measured=Measured(fields=_FIELDS),
)
GEMINI_EMBED = Operation(
    name="gemini_embed",
    endings=(":embedcontent", ":batchembedcontents"),
    read=read_request,
    answers=_ANSWERS,
    errors=ERRORS,
    output=Output.NONE,
    content=_CONTENT,
    names=COMMON.also(*NAMES),
    plain=True,
)
GEMINI_CACHE = Operation(
    name="gemini_cache",
    endings=("/cachedcontents",),
    read=read_request,
    answers=_ANSWERS,
    errors=ERRORS,
    output=Output.FREE,
    content=_CONTENT,
    names=COMMON.also(*NAMES),
)
"""What is put there is asked by its name later."""
