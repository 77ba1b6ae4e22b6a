"""Degrade a request: take away what serves extraction more than use. Never the answer itself."""

import math
from typing import Any

from distillgate.settings import Settings
from distillgate.wire.document import write
from distillgate.wire.fields import integer
from distillgate.wire.operation import Operation
from distillgate.wire.request import Request


class DegradeSettings(Settings):
    """What a degraded request may still ask for."""

    strip: list[str] = [
        "logprobs",
        "top_logprobs",
        "prompt_logprobs",
        "logit_bias",
        "echo",
        "best_of",
        "seed",
    ]
    """Parameters taken out."""
    max_choices: int = 1
    """Most alternatives of one answer (`n`)."""
    max_tokens: int = 1024
    """Most output tokens."""


_LOGPROBS = "message.output_text.logprobs"
_LIMITS = {
    Operation.CHAT: ("max_completion_tokens", "max_tokens"),
    Operation.COMPLETIONS: ("max_tokens",),
    Operation.RESPONSES: ("max_output_tokens",),
    Operation.MESSAGES: ("max_tokens",),
}


def degrade(request: Request, settings: DegradeSettings) -> tuple[bytes, list[str]] | None:
    """Rewrite a request; None where there was nothing to take. Also names what was taken.

    Raises `WireError` for a request that can be read but not written (nested too deeply).
    """
    document: dict[str, Any] = dict(request.document)
    done = [name for name in settings.strip if document.pop(name, None) is not None]
    include = document.get("include")
    if isinstance(include, list) and _LOGPROBS in include:
        document["include"] = [item for item in include if item != _LOGPROBS]
        done.append("include")
    if (integer(document.get("n")) or 0) > settings.max_choices:
        document["n"] = settings.max_choices
        done.append("n")
    done += _shorten(document, request.operation, settings.max_tokens)
    return (write(document), done) if done else None


def _shorten(document: dict[str, Any], operation: Operation, limit: int) -> list[str]:
    names = _LIMITS.get(operation)
    if names is None:
        return []
    given = {name: value for name in names if (value := integer(document.get(name))) is not None}
    done = [name for name in given or names[:1] if given.get(name, math.inf) > limit]
    for name in done:
        document[name] = limit
    thinking = document.get("thinking")
    if isinstance(thinking, dict) and (integer(thinking.get("budget_tokens")) or 0) >= limit:
        # Anthropic refuses a thinking budget that is not below the limit.
        document["thinking"] = {"type": "disabled"}
        done.append("thinking")
    return done
