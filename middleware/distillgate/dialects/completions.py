"""OpenAI completions and embeddings: requests whose inputs are texts or token ids.

Their answers have the shapes that `chat` reads, but that Ollama's embeddings tell usage their way.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from distillgate.dialects import chat
from distillgate.dialects.chat import conversation, conversations
from distillgate.dialects.openai import ERRORS, SAMPLED, SERVERS, SHORTEST, USAGE
from distillgate.wire.answer import Answer
from distillgate.wire.content import Text, newest
from distillgate.wire.fields import NUMBERS, integer, sequence
from distillgate.wire.message import Message, Parameters, Reading
from distillgate.wire.operation import Answers, Measured, Operation, Output
from distillgate.wire.parameters import end_user, sampling
from distillgate.wire.usage import OLLAMA


def read_request(document: Mapping[str, Any]) -> Reading:
    """Read a completion request. `prompt` is a text, token ids, or a list of either."""
    get = document.get
    parameters = sampling(document, limits=("max_tokens", "max_completion_tokens"))
    logprobs = get("logprobs")
    # Here `logprobs` is a number, and 0 asks for the chosen token's.
    parameters.logprobs = logprobs is True or integer(logprobs) is not None
    parameters.logprobs |= get("prompt_logprobs") is not None
    if not isinstance(logprobs, bool):
        parameters.top_logprobs = integer(logprobs)
    return _reading(document, get("prompt"), parameters)


_EMBEDDED = ("input", "inputs", "texts", "prompt", "content", "text")
"""OpenAI's name for what is embedded; TEI's, Voyage's and Cohere's; Cohere's; Ollama's;
llama.cpp's; SGLang's."""


def read_embedding_request(document: Mapping[str, Any]) -> Reading:
    """Read an embedding request, whatever the server calls its input: all that may be it."""
    given = [value for name in _EMBEDDED if (value := document.get(name)) is not None]
    if len(given) < 2:
        return _reading(document, given[0] if given else None, Parameters())
    items: list[Any] = []
    for value in given:
        items += value if isinstance(value, list) and not _is_tokens(value) else [value]
    return _reading(document, items, Parameters())


def _reading(document: Mapping[str, Any], prompt: Any, parameters: Parameters) -> Reading:
    messages = document.get("messages")
    text = Text()
    if prompt is None and isinstance(messages, list):  # vLLM's chat embeddings, Mistral's agents
        reading = Reading(conversation(messages, text), len(messages), parameters)
        reading.prompts = conversations(messages)
    else:
        texts, ids = inputs(prompt, text)
        count = 1 if not isinstance(prompt, list) or _is_tokens(prompt) else len(prompt)
        reading = Reading([Message("user", text) for text in texts], count, parameters)
        reading.token_ids, reading.prompts = ids, prompts(prompt)
    reading.end_user, reading.read = end_user(document), text.read
    return reading


def prompts(given: Any) -> int:
    """Count what may be one input or a list of them."""
    several = isinstance(given, list) and not _is_tokens(given)
    return max(1, len(given)) if several else 1


def inputs(given: Any, text: Text) -> tuple[list[str], int]:
    """Read what may be one input or a list of them: their texts, and how many token ids.

    A list of numbers is one input; llama.cpp takes texts among them.
    """
    if not isinstance(given, list):
        return [text.of(given)], 0
    if _is_tokens(given):
        return [_input(given, text)], len(given)
    kept = newest(given)[: text.turns]
    text.turns -= len(kept)
    texts = [_input(item, text) for item in kept]
    ids = sum(len(item) for item in kept if _is_tokens(item))
    # Of the inputs past the bound the number is known, not the lengths: the mean stands for them.
    return texts, ids * len(given) // len(kept) if ids else 0


def _input(item: Any, text: Text) -> str:
    if _is_tokens(item):
        return text.of([one for one in item if type(one) is str]) if str in map(type, item) else ""
    return text.of(item)


def _is_tokens(item: Any) -> bool:
    ids: Sequence[Any] = sequence(item)
    return not NUMBERS.isdisjoint(map(type, ids))


def read_embeddings(answer: Answer, document: Mapping[str, Any]) -> None:
    """Read an answer of embeddings: vectors, of which nothing is read, and a usage."""
    chat.read_answer(answer, document)
    answer.usage.take(OLLAMA, document)


EMBEDDINGS_LIMIT = 1 << 14
"""Bytes of an answer of embeddings that are kept: vectors are nothing to read."""

COMPLETIONS = Operation(
    name="completions",
    endings=("/completions",),
    read=read_request,
    answers=chat.ANSWERS,
    errors=ERRORS,
    plain=True,
    measured=Measured(
        limits=("max_tokens",),
        aliases=SERVERS,
        needs=SAMPLED,
        at_most=SHORTEST,
        routed=True,
        reasoning=chat.ChatEdit,
    ),
)
_ENDINGS = (
    "/embeddings", "/embedding", "/embed", "/embed_all", "/embed_sparse", "/encode",
    "/multimodalembeddings",
)  # fmt: skip
EMBEDDINGS = Operation(
    name="embeddings",
    endings=_ENDINGS,
    read=read_embedding_request,
    answers=Answers(read_embeddings, chat.read_event, (*USAGE, OLLAMA)),
    errors=ERRORS,
    output=Output.NONE,
    kept=EMBEDDINGS_LIMIT,
    plain=True,
)
