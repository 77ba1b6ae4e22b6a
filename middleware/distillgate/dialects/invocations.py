"""One path for every call (SageMaker, Vertex, Bedrock, KServe): which one it is, the body tells."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from distillgate.dialects import (
    chat,
    completions,
    converse,
    gemini,
    messages,
    native,
    ollama,
    ranking,
)
from distillgate.dialects.openai import ERRORS
from distillgate.errors import WireError
from distillgate.wire.message import Reading
from distillgate.wire.names import COMMON
from distillgate.wire.operation import Operation

_KEYS: Mapping[str, Operation] = {
    "anthropic_version": messages.MESSAGES,
    "messages": chat.CHAT,
    "prompt": completions.COMPLETIONS,
    "contents": gemini.GEMINI,
    "query": ranking.RANKING,
    "queries": ranking.RANKING,
    "text_1": ranking.RANKING,
    "input": completions.EMBEDDINGS,
    "inputs": native.NATIVE,
    "text": native.NATIVE,
    "input_ids": native.NATIVE,
    "instances": native.NATIVE,
    "message": native.NATIVE,
    "inputText": native.NATIVE,
    "texts": native.NATIVE,
}
"""The key that only one of the calls has, in vLLM's order."""


def called(document: Mapping[str, Any]) -> Operation:
    """Return the call that a body is of. Raises `WireError` for an empty one.

    Bodies of models that have forms of their own are read by what stands in them.
    """
    for key, operation in _KEYS.items():
        if document.get(key) is not None:
            return operation
    if not document:
        raise WireError("expected `messages`, `prompt`, `input` or another call's key")
    return native.NATIVE


def read_request(document: Mapping[str, Any]) -> Reading:
    """Read a request as the call that it is of."""
    return called(document).read(document)


INVOCATIONS = Operation(
    name="invocations",
    endings=("/invocations", "/rag/query", "/predict", "/infer", "/vertex"),
    read=read_request,
    answers=chat.ANSWERS,
    errors=ERRORS,
    names=COMMON.also(*gemini.NAMES, *native.NAMES, *ollama.NAMES),
    choose=called,
)
INVOKE = replace(
    INVOCATIONS,
    name="invoke",
    endings=("/invoke", "/invoke-with-response-stream"),
    errors=converse.ERRORS,
    framed=True,
)
"""Bedrock's."""
PREDICT = replace(
    INVOCATIONS,
    name="predict",
    endings=(":rawpredict", ":streamrawpredict", ":predict", ":serverstreamingpredict"),
    errors=gemini.ERRORS,
    framed=True,
)
"""Vertex AI's."""
