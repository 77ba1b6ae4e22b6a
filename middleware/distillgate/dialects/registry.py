"""Which call a path means. To add a dialect: write its file, and list its calls here."""

from collections.abc import Container
from functools import lru_cache

from distillgate.dialects import openai
from distillgate.dialects.batches import BATCH_JOBS, GEMINI_BATCHES, MESSAGE_BATCHES
from distillgate.dialects.chat import CHAT
from distillgate.dialects.cohere import COHERE
from distillgate.dialects.completions import COMPLETIONS, EMBEDDINGS
from distillgate.dialects.conversations import ANSWERED, ASSISTANTS, CONVERSATIONS, THREADS
from distillgate.dialects.converse import CONVERSE
from distillgate.dialects.gemini import GEMINI, GEMINI_CACHE, GEMINI_EMBED
from distillgate.dialects.interactions import INTERACTIONS
from distillgate.dialects.invocations import INVOCATIONS, INVOKE, PREDICT
from distillgate.dialects.messages import COUNT_TOKENS, MESSAGES
from distillgate.dialects.native import NATIVE
from distillgate.dialects.ollama import OLLAMA_CHAT, OLLAMA_CREATE, OLLAMA_GENERATE
from distillgate.dialects.ranking import RANKING
from distillgate.dialects.responses import COMPACT, CONVERSATION, RESPONSES
from distillgate.wire.operation import Operation
from distillgate.wire.refusal import Errors
from distillgate.wire.target import plain_path

OPERATIONS: tuple[Operation, ...] = (
    CHAT, COMPLETIONS, RESPONSES, COMPACT, EMBEDDINGS, MESSAGES, COUNT_TOKENS, INVOCATIONS,
    INVOKE, PREDICT, CONVERSE, GEMINI, GEMINI_EMBED, INTERACTIONS, OLLAMA_CHAT, OLLAMA_GENERATE,
    NATIVE, RANKING, CONVERSATION, GEMINI_CACHE, COHERE, CONVERSATIONS, ANSWERED, THREADS,
    ASSISTANTS, MESSAGE_BATCHES, GEMINI_BATCHES, BATCH_JOBS, OLLAMA_CREATE,
)  # fmt: skip
"""The calls the gate reads. Everything else passes untouched."""


def _by_last_word() -> dict[str, list[tuple[str, Operation]]]:
    table: dict[str, list[tuple[str, Operation]]] = {}
    for operation in OPERATIONS:
        for ending in operation.endings:
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

_NAMED = tuple((one.named, one) for one in OPERATIONS if one.named is not None)
_STORED = tuple((one.stored, one) for one in OPERATIONS if one.stored is not None)
_SIGNS = tuple(dict.fromkeys(one.errors for one in OPERATIONS if one.errors.sign))


def match(method: str, path: str) -> Operation | None:
    """Return the call behind `method` and `path`, or None for what the gate does not read.

    Only the end of the (percent-decoded) path counts, so that prefixes (`/api/v1`,
    `/openai/deployments/NAME`, `/engines/NAME`) are the same calls. Letter case, dot segments,
    parameters (`;v=1`), backslashes, repeated and trailing slashes, white space (Starlette's routes
    end in `$`, which matches before a line's end) and escapes of escapes do not matter, because to
    some upstreams they do not: reading a path that the upstream answers with 404 costs nothing,
    missing one that it answers lets a request by unread.

    Anthropic's two calls need their `/v1`: `/threads/ID/messages` is OpenAI's Assistants API.
    """
    if method != "POST":
        return None
    return _known(path) if len(path) <= _SHORT else _match(path)


def _match(path: str) -> Operation | None:
    path = plain_path(path).lower()
    if "/" not in path:
        return None
    for ending, operation in _ENDINGS.get(_last(path), ()):
        if path.endswith(ending) and operation.within in path:
            return operation
    return next((operation for ending, operation in _NAMED if ending.search(path)), None)


_known = lru_cache(1024)(_match)
_SHORT = 128
"""Characters of a path whose call is kept: they are few, and are asked for again and again."""


def model_in(path: str) -> str:
    """Return the model that a path of Google's or Bedrock's names; empty where it names none."""
    for mark in ("/models/", "/model/"):
        _, found, rest = path.partition(mark)
        if found:
            return rest.partition("/")[0].partition(":")[0]
    return ""


def match_stored(method: str, path: str) -> Operation | None:
    """Return the call whose answer, which the upstream kept, is fetched or listed; None for others.

    A response in the background is also given by what cancels it.
    """
    if method not in ("GET", "POST"):
        return None
    path = plain_path(path).lower()
    if method == "POST" and not path.endswith("/cancel"):
        return None
    return next((operation for ending, operation in _STORED if ending.search(path)), None)


def errors_for(method: str, path: str, headers: Container[str]) -> Errors:
    """Return how a client is told of a problem: as its call does, or else as its headers suggest.

    `headers` are the names it sent, in lower case.
    """
    operation = match(method, path)
    if operation is not None:
        return operation.errors
    return next((errors for errors in _SIGNS if errors.sign in headers), openai.ERRORS)
