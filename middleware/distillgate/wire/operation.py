"""Which API call a path means. To add one: write its file, and list its `Api` here."""

import re
from enum import StrEnum
from typing import Self

from distillgate.wire import (
    chat,
    completions,
    gemini,
    interactions,
    invocations,
    messages,
    native,
    ollama,
    ranking,
    responses,
)
from distillgate.wire.api import Api, Dialect
from distillgate.wire.target import normal_path

__all__ = ["Dialect", "Operation", "match", "match_stored", "model_in"]


class Operation(StrEnum):
    """The calls the gate reads, each with its `api`. Everything else passes untouched."""

    api: Api

    def __new__(cls, name: str, api: Api) -> Self:
        """Make a member of its name and its API."""
        member = str.__new__(cls, name)
        member._value_ = name
        member.api = api
        return member

    CHAT = "chat", chat.API
    COMPLETIONS = "completions", completions.API
    RESPONSES = "responses", responses.API
    COMPACT = "compact", responses.COMPACT
    EMBEDDINGS = "embeddings", completions.EMBEDDINGS
    MESSAGES = "messages", messages.API
    COUNT_TOKENS = "count_tokens", messages.COUNT
    INVOCATIONS = "invocations", invocations.API
    GEMINI = "gemini", gemini.GENERATE
    GEMINI_EMBED = "gemini_embed", gemini.EMBED
    INTERACTIONS = "interactions", interactions.API
    OLLAMA_CHAT = "ollama_chat", ollama.CHAT
    OLLAMA_GENERATE = "ollama_generate", ollama.GENERATE
    NATIVE = "native", native.API
    RANKING = "ranking", ranking.API

    @property
    def dialect(self) -> Dialect:
        """The dialect this call's clients speak."""
        return self.api.dialect


def _by_last_word() -> dict[str, list[tuple[str, Operation]]]:
    table: dict[str, list[tuple[str, Operation]]] = {}
    for operation in Operation:
        for ending in operation.api.endings:
            table.setdefault(_last(ending), []).append((ending, operation))
    for endings in table.values():
        endings.sort(key=lambda pair: -len(pair[0]))
    return table


def _last(path: str) -> str:
    # The last segment, or the method that stands after a colon in it.
    segment = path[path.rfind("/") + 1 :]
    return segment[segment.rfind(":") + 1 :]


_ENDINGS = _by_last_word()
"""The endings and their calls by the last word, the longest first."""


def match(method: str, path: str) -> Operation | None:
    """Name the call behind `method` and `path`, or None for what the gate does not read.

    Only the end of the (percent-decoded) path counts, so that prefixes (`/api/v1`,
    `/openai/deployments/NAME`, `/engines/NAME`) are the same calls. Letter case, dot segments,
    parameters (`;v=1`), backslashes, repeated and trailing slashes do not matter, because to some
    upstreams they do not: reading a path that the upstream answers with 404 costs nothing, missing
    one that it answers lets a request by unread.

    Anthropic's two calls need their `/v1`: `/threads/ID/messages` is OpenAI's Assistants API.
    """
    if method != "POST":
        return None
    path = _plain(path)
    if "/" not in path:
        return None
    for ending, operation in _ENDINGS.get(_last(path), ()):
        if path.endswith(ending):
            return operation
    return None


def model_in(path: str) -> str:
    """Return the model that a path of Google's or Bedrock's names; empty where it names none."""
    for mark in ("/models/", "/model/"):
        _, found, rest = path.partition(mark)
        if found:
            return rest.partition("/")[0].partition(":")[0]
    return ""


def _plain(path: str) -> str:
    # Without what some upstreams do not look at; most paths have nothing of it.
    if "\\" in path:
        path = path.replace("\\", "/")
    if ";" in path:
        path = "/".join(segment.partition(";")[0] for segment in path.split("/"))
    path = normal_path(path).rstrip("/").lower()
    while "//" in path:
        path = path.replace("//", "/")
    return path


_STORED = re.compile(
    r"/(?:responses/[^/]+(?:/input_items|/cancel)?|conversations/[^/]+/items(?:/[^/]+)?"
    r"|chat/completions(?:/[^/]+)?)/*$",
    re.IGNORECASE,
)


def match_stored(method: str, path: str) -> Operation | None:
    """Name the call whose answer, which the upstream kept, is fetched or listed; None for others.

    A response in the background is also given by what cancels it.
    """
    if method not in ("GET", "POST") or _STORED.search(path) is None:
        return None
    if method == "POST" and not path.rstrip("/").lower().endswith("/cancel"):
        return None
    return Operation.CHAT if "/chat/completions" in path.lower() else Operation.RESPONSES
