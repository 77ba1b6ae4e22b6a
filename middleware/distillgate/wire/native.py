"""Inference servers' own calls: SGLang's and TGI's `/generate`, llama.cpp's, Vertex's frame.

They differ in a few names, and one path is several servers': what stands in a body is read under
all of them.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from distillgate.wire.answer import Answer
from distillgate.wire.api import Api
from distillgate.wire.completions import inputs
from distillgate.wire.content import Text
from distillgate.wire.fields import count, flag, integer, mapping, number, sequence, word
from distillgate.wire.message import Message, Parameters, Reading
from distillgate.wire.parameters import largest

_PROMPTS = (
    "text", "inputs", "prompt", "input_ids", "token_ids", "input_prefix", "input_suffix",
    "input_extra", "content", "messages",
)  # fmt: skip
_LIMITS = ("max_new_tokens", "max_tokens", "n_predict", "num_predict", "maxOutputTokens")


def read_request(document: Mapping[str, Any]) -> Reading:
    """Read a request; each prompt of a list, and each instance of Vertex's frame, is an input."""
    instances = sequence(document.get("instances"))
    framed = [item if isinstance(item, dict) else {"text": item} for item in instances]
    prompts: list[Any] = []
    ids = 0
    for item in (document, *framed):
        for name in _PROMPTS:
            given = item.get(name)
            if given is None:
                continue
            found, some = inputs(given)
            prompts += found
            ids += some
    messages = [Message("user", prompt) for prompt in prompts] or [Message("user", "")]
    if system := Text().of(document.get("system_prompt")):
        messages.insert(0, Message("system", system))
    return Reading(messages, len(prompts) or 1, _parameters(document), token_ids=ids)


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


def read_answer(answer: Answer, document: Mapping[str, Any]) -> None:
    """Read a whole answer: one of several is shown, the others are counted."""
    first = True
    for item in _answers(document):
        answer.describe(item, item.get("stop_type"))
        for name in ("text", "generated_text", "content"):
            text = item.get(name)
            texts = text if isinstance(text, list) else [text]
            for piece in texts:
                (answer.show if first else answer.hide)(piece)
        first = False


def _answers(document: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    predictions = document.get("predictions")
    items = predictions if isinstance(predictions, list) else [document]
    return (mapping(item) for item in items)


def read_event(answer: Answer, document: Mapping[str, Any]) -> None:
    """Read a streamed event: of SGLang, whose text grows, only what is new."""
    token = mapping(document.get("token"))
    if token:
        answer.show(None if token.get("special") else token.get("text"))
        return
    grown = document.get("text")
    if isinstance(grown, str) and "meta_info" in document:
        answer.show(grown[answer.chars :] if len(grown) > answer.chars else "")
    else:
        answer.show(grown)
    answer.show(document.get("content"))
    answer.finish_reason = answer.finish_reason or word(document.get("stop_type"))


API = Api(
    ("/generate", "/generate_stream", "/vertex_generate", "/completion", "/infill"), read_request
)
