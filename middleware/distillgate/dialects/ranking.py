"""Calls that weigh texts and write none: rerank, score, pooling, classify, decisions."""

from collections.abc import Mapping
from typing import Any

from distillgate.dialects.chat import ANSWERS, conversation
from distillgate.dialects.completions import inputs, prompts
from distillgate.dialects.openai import ERRORS
from distillgate.wire.content import Text
from distillgate.wire.fields import sequence
from distillgate.wire.message import Message, Parameters, Reading
from distillgate.wire.operation import CONTENT, Operation, Output
from distillgate.wire.parameters import end_user

_TEXTS = (
    "query", "queries", "text_1", "data_1", "documents", "passages", "texts", "text_2", "data_2",
    "items", "input", "inputs", "prompt",
)  # fmt: skip

_APART = tuple(name for name in _TEXTS if name not in ("documents", "passages", "items"))
"""Those of which a list is so many questions; documents are ranked by one."""


def read_request(document: Mapping[str, Any]) -> Reading:
    """Read a request; each text is an input."""
    texts: list[str] = []
    ids, text = 0, Text()
    for name in _TEXTS:
        given = document.get(name)
        if given is not None:
            found, some = inputs(given, text)
            texts += found
            ids += some
    messages = [Message("user", said) for said in texts]
    messages += conversation(sequence(document.get("messages")), text)
    reading = Reading(messages, len(messages), Parameters(), end_user(document), token_ids=ids)
    reading.read = text.read
    reading.prompts = max(prompts(document.get(name)) for name in _APART)
    return reading


_ENDINGS = (
    "/rerank", "/reranking", "/ranking", "/score", "/pooling", "/classify", "/similarity",
    "/generative_scoring", "/decisions", "/systemone",
)  # fmt: skip
RANKING = Operation(
    name="ranking",
    endings=_ENDINGS,
    read=read_request,
    answers=ANSWERS,
    errors=ERRORS,
    output=Output.NONE,
    content=(*CONTENT, *_TEXTS),
)
