"""The calls the embedded upstream knows: from a path and a body to a whole answer. No I/O."""

import base64
import struct
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from distillgate_lab.upstream import answers, chat, messages, responses
from distillgate_lab.upstream.reply import CREATED, Answer, Reply, reply

MODELS = ("m-small", "m-large")
"""What `/v1/models` lists; any other name is answered just the same."""

DIMENSIONS = 16
"""How long an embedding is where the request does not say."""


@dataclass(frozen=True, slots=True)
class Decided:
    """An answer as the wire will see it: a body, or the events of a stream."""

    status: int
    body: bytes = b""
    events: Iterable[bytes] | None = None


def decide(path: str, body: bytes, answer: Answer, *, reasoning: bool) -> Decided:
    """Answer the call that `path` ends in; 404 or 400 in its dialect where that cannot be done."""
    if "/models" in path:
        return Decided(200, orjson.dumps(_models(path)))
    anthropic = "/messages" in path
    call = next((call for end, call in _CALLS.items() if path.endswith(end)), None)
    if call is None:
        return Decided(404, _error(anthropic, "not_found_error", f"no such path: {path}"))
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        return Decided(400, _error(anthropic, "invalid_request_error", str(error)))
    if not isinstance(document, dict):
        return Decided(400, _error(anthropic, "invalid_request_error", "not a JSON object"))
    said = reply(document, seed(body), answer, reasoning=reasoning)
    whole, events = call
    if events is not None and document.get("stream"):
        return Decided(200, events=events(said, document))
    return Decided(200, orjson.dumps(whole(said, document)))


def seed(body: bytes) -> int:
    """Name a body: the same bytes, the same number."""
    return answers.seed(body.decode("utf-8", "replace"))


def _embeddings(said: Reply, document: Mapping[str, Any]) -> dict[str, Any]:
    given = document.get("input", "")
    many = isinstance(given, list) and bool(given) and isinstance(given[0], str | list)
    length = int(document.get("dimensions") or DIMENSIONS)
    data = []
    for index, text in enumerate(given if many else [given]):
        numbers: Any = answers.vector(str(text), length)
        if document.get("encoding_format") == "base64":
            numbers = base64.b64encode(struct.pack(f"<{length}f", *numbers)).decode()
        data.append({"object": "embedding", "index": index, "embedding": numbers})
    tokens = max(1, said.prompt_tokens)
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    return {"object": "list", "data": data, "model": said.model, "usage": usage}


def _models(path: str) -> dict[str, Any]:
    """List the models in a shape both dialects read, or describe the one that `path` names."""
    listed = [
        {
            "id": name,
            "object": "model",
            "type": "model",
            "display_name": name,
            "created": CREATED,
            "created_at": "2026-02-17T00:00:00Z",
            "owned_by": "distillgate",
        }
        for name in MODELS
    ]
    name = path.rpartition("/models")[2].strip("/")
    if name:
        return listed[0] | {"id": name, "display_name": name}
    page = {"has_more": False, "first_id": MODELS[0], "last_id": MODELS[-1]}
    return {"object": "list", "data": listed} | page


def _error(anthropic: bool, kind: str, message: str) -> bytes:
    if anthropic:
        return orjson.dumps({"type": "error", "error": {"type": kind, "message": message}})
    return orjson.dumps({"error": {"message": message, "type": kind, "param": None, "code": None}})


Whole = Callable[[Reply, Mapping[str, Any]], dict[str, Any]]
Events = Callable[[Reply, Mapping[str, Any]], Iterable[bytes]]

_CALLS: dict[str, tuple[Whole, Events | None]] = {
    "/chat/completions": (chat.document, chat.events),
    "/completions": (chat.legacy_document, chat.legacy_events),
    "/responses": (responses.document, responses.events),
    "/embeddings": (_embeddings, None),
    "/messages": (lambda said, _: messages.document(said), lambda said, _: messages.events(said)),
    "/count_tokens": (lambda said, _: {"input_tokens": said.prompt_tokens}, None),
}
"""By the end of the path, the longer first; prefixes and Azure-style paths are the same calls."""
