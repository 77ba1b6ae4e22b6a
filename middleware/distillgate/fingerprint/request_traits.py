"""What a request carries beside its newest text: its script, its tools, prompts of one word."""

import re
from typing import Any

from distillgate.fingerprint.origin import HashText
from distillgate.records import FrozenRecord
from distillgate.wire.request import Request

_SCRIPTS = re.compile(
    "([\u0400-\u052f])|([\u0590-\u05ff])|([\u0600-\u06ff])|([\u0900-\u0dff])|([\u0e00-\u0eff])"
    "|([\u3040-\u30ff])|([\uac00-\ud7af])|([\u4e00-\u9fff])|([\u0370-\u03ff])"
)
_READ = 400
_WORD = 24
"""Characters of a prompt that is hardly more than a token."""
_INPUTS = 16
"""Inputs of a request for embeddings that are looked at."""


class Carried(FrozenRecord, frozen=True):
    """What one request carries."""

    script: int
    tools: int | None
    """Keyed hash of the names of the tools it offers."""
    short: bool
    """Its newest text is hardly more than a token."""
    words: bool | None
    """Of a request for embeddings, whether its inputs are single words; None for others."""


def carried(request: Request, newest: bytes, hash_text: HashText) -> Carried:
    """Read what a request with this newest text (UTF-8) carries."""
    tools = "\n".join(sorted(map(_name, request.tools))) if request.tools else None
    return Carried(
        script=script(newest),
        tools=hash_text(tools) if tools is not None else None,
        short=len(newest) <= 4 * _WORD and len(newest.decode("utf-8", "replace")) <= _WORD,
        words=_single_words(request) if request.operation.embeds else None,
    )


def script(text: bytes) -> int:
    """Return the number of a text's script; 0 is Latin, and whatever is not known."""
    if text.isascii():
        return 0
    match = _SCRIPTS.search(text[: 4 * _READ].decode("utf-8", "replace"), 0, _READ)
    return match.lastindex or 0 if match is not None else 0


def _single_words(request: Request) -> bool:
    texts = [message.text for message in request.messages[:_INPUTS]]
    return all(len(text) <= _WORD and len(text.split()) <= 1 for text in texts)


def _name(tool: Any) -> str:
    if not isinstance(tool, dict):
        return ""
    function = tool.get("function")
    named = function if isinstance(function, dict) else tool
    return str(named.get("name"))[:128]
