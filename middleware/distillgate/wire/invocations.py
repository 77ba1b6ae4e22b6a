"""One path for every call (SageMaker, Vertex, Bedrock): which one it is, the body tells."""

from collections.abc import Mapping
from typing import Any

from distillgate.errors import WireError
from distillgate.wire import chat, completions, gemini, messages, native, ranking
from distillgate.wire.api import Api
from distillgate.wire.message import Reading

_KEYS: Mapping[str, Api] = {
    "anthropic_version": messages.API,
    "messages": chat.API,
    "prompt": completions.API,
    "contents": gemini.GENERATE,
    "query": ranking.API,
    "queries": ranking.API,
    "text_1": ranking.API,
    "input": completions.EMBEDDINGS,
    "inputs": native.API,
    "text": native.API,
    "input_ids": native.API,
    "instances": native.API,
}
"""The key that only one of the calls has, in vLLM's order."""


def called(document: Mapping[str, Any]) -> Api:
    """Return the call that a body is of. Raises `WireError` where it is none that is read."""
    for key, api in _KEYS.items():
        if document.get(key) is not None:
            return api
    raise WireError("expected `messages`, `prompt`, `input` or another call's key")


def read_request(document: Mapping[str, Any]) -> Reading:
    """Read a request as the call that it is of."""
    return called(document).read(document)


API = Api(
    (
        "/invocations", ":rawpredict", ":streamrawpredict", ":predict", ":serverstreamingpredict",
        "/invoke", "/invoke-with-response-stream", "/converse", "/converse-stream", "/rag/query",
    ),
    read_request,
    chat.ANSWERS,
)  # fmt: skip
