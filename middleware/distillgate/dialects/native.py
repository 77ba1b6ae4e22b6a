"""Inference servers' own calls: SGLang's and TGI's `/generate`, llama.cpp's, Vertex's frame.

They differ in a few names, and one path is several servers': what stands in a body is read under
all of them.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from distillgate.dialects.completions import inputs, prompts
from distillgate.dialects.openai import ERRORS
from distillgate.wire.answer import Answer
from distillgate.wire.content import Text, newest
from distillgate.wire.fields import count, flag, integer, mapping, number, sequence, word
from distillgate.wire.message import Message, Parameters, Reading
from distillgate.wire.names import COMMON
from distillgate.wire.operation import CONTENT, SEVERAL, Answers, Operation
from distillgate.wire.parameters import largest
from distillgate.wire.usage import CHAT, Shape

_PROMPTS = (
    "text", "inputs", "prompt", "input_ids", "token_ids", "input_prefix", "input_suffix",
    "input_extra", "content", "messages", "message", "inputText", "texts",
)  # fmt: skip
_APART = ("text", "inputs", "prompt", "input_ids", "token_ids", "texts")
"""Those of which a list is so many prompts."""
_LIMITS = ("max_new_tokens", "max_tokens", "n_predict", "num_predict", "maxOutputTokens")


def read_request(document: Mapping[str, Any]) -> Reading:
    """Read a request; each prompt of a list, and each instance of Vertex's frame, is an input."""
    instances = sequence(document.get("instances"))
    framed = [item if isinstance(item, dict) else {"text": item} for item in newest(instances)]
    texts: list[str] = []
    ids, text = 0, Text()
    for item in (document, *framed):
        for name in _PROMPTS:
            given = item.get(name)
            if given is None:
                continue
            found, some = inputs(given, text)
            texts += found
            ids += some
    messages = [Message("user", said) for said in texts] or [Message("user", "")]
    if system := text.of(document.get("system_prompt")):
        messages.insert(0, Message("system", system))
    reading = Reading(messages, len(texts) or 1, _parameters(document), token_ids=ids)
    reading.read = text.read
    asked = (_count(item) if isinstance(item, dict) else prompts(item) for item in instances)
    reading.prompts = max(_count(document), sum(asked))
    return reading


def _count(item: Mapping[str, Any]) -> int:
    """Count the prompts of a body or an instance: where several names are given, one of them is."""
    return max(prompts(item.get(name)) for name in _APART)


def _parameters(document: Mapping[str, Any]) -> Parameters:
    given = list(_settings(document))

    def first(*names: str) -> Any:
        found = (settings.get(name) for settings in given for name in names)
        return next((value for value in found if value is not None), None)

    limits = [found for s in given for name in _LIMITS if (found := s.get(name)) is not None]
    return Parameters(
        max_tokens=largest(limits) if limits else None,
        temperature=number(first("temperature")),
        top_p=number(first("top_p")),
        n=count(first("n")),
        best_of=count(first("best_of")),
        seed=integer(first("seed", "sampling_seed")),
        logprobs=flag(first("return_logprob", "details", "logprobs")) or bool(first("n_probs")),
        top_logprobs=integer(first("top_logprobs_num", "top_n_tokens", "n_probs")),
        stream=flag(first("stream")),
        json_output=first("json_schema", "grammar", "response_format") is not None,
    )


def _settings(document: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    # The body itself, and where its parameters stand: an object, or one for each prompt.
    yield document
    for name in ("sampling_params", "parameters"):
        value = document.get(name)
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, dict):
                yield item
                yield mapping(item.get("sampling_params"))


LLAMA = Shape(("tokens_evaluated",), ("tokens_predicted",))
TGI = Shape(("input_length",), ("generated_tokens",))


def read_answer(answer: Answer, document: Mapping[str, Any]) -> None:
    """Read a whole answer, or several in a list: the first is shown, the others are counted."""
    given = document.get(SEVERAL)
    for place, item in enumerate(given if isinstance(given, list) else [document]):
        _read_one(answer, item if isinstance(item, dict) else {"text": item}, place)


def read_event(answer: Answer, document: Mapping[str, Any]) -> None:
    """Read a streamed event; its `index` tells which prompt's answer it belongs to."""
    token = mapping(document.get("token"))
    if token:  # TGI's, where the index counts tokens; its last event holds the whole text again
        answer.show(None if token.get("special") else token.get("text"))
        _describe(answer, document, 0)
        return
    _read_one(answer, document, integer(document.get("index")) or 0)


def _read_one(answer: Answer, item: Mapping[str, Any], place: int) -> None:
    for name in ("text", "generated_text", "content"):
        text = item.get(name)
        if name == "content":
            (answer.hide if place else answer.show)(text)
        else:  # SGLang's and vLLM's streams repeat what they said before
            for number, one in enumerate(text if isinstance(text, list) else [text]):
                answer.grow(one, place + number)
    _describe(answer, item, place)


def _describe(answer: Answer, item: Mapping[str, Any], place: int) -> None:
    meta, details = mapping(item.get("meta_info")), mapping(item.get("details"))
    reason = meta.get("finish_reason")
    told = (
        item.get("stop_type"),
        mapping(reason).get("type"),
        reason,
        details.get("finish_reason"),
    )
    answer.describe(item, next(filter(word, told), None))
    answer.usage.take(CHAT, meta, of=place)
    answer.usage.take(TGI, details, of=place)
    answer.usage.take(LLAMA, item, of=place)


NAMES = ("sampling_params", "input_ids", "instances", "parameters")
NATIVE = Operation(
    name="native",
    endings=("/generate", "/generate_stream", "/vertex_generate", "/completion", "/infill"),
    read=read_request,
    answers=Answers(read_answer, read_event, (CHAT, LLAMA, TGI)),
    errors=ERRORS,
    content=(*CONTENT, *_PROMPTS, "instances", "system_prompt"),
    names=COMMON.also(*NAMES),
)
