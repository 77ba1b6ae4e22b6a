"""The parameters that the OpenAI calls share, and how each of them is spelled."""

from collections.abc import Mapping
from itertools import islice
from typing import Any

from distillgate.wire.content import TOOL_LIMIT
from distillgate.wire.fields import flag, integer, mapping, number, sequence, word
from distillgate.wire.message import Parameters

BIAS_LIMIT = 1024
"""Biased tokens of one request that are kept (OpenAI takes 300)."""

_TOKEN = 32
"""Characters of a biased token's id that are kept."""


def sampling(document: Mapping[str, Any], *, limits: tuple[str, ...]) -> Parameters:
    """Read what every OpenAI call has; `limits` are this call's names for the longest output.

    Where both of two names are given, upstreams differ on which one holds: the larger counts.
    """
    get = document.get
    given = [limit for name in limits if (limit := integer(get(name))) is not None]
    return Parameters(
        max_tokens=max(given, default=None),
        temperature=number(get("temperature")),
        top_p=number(get("top_p")),
        n=integer(get("n")),
        best_of=integer(get("best_of")),
        seed=integer(get("seed")),
        top_logprobs=integer(get("top_logprobs")),
        logit_bias=biased(get("logit_bias")),
        echo=flag(get("echo")),
        stream=flag(get("stream")),
    )


def biased(value: Any) -> tuple[str, ...]:
    """Read the biased token ids: an object's keys, or (llama.cpp) pairs of id and bias."""
    if not value:
        return ()
    if isinstance(value, dict):
        return tuple(key[:_TOKEN] for key in islice(value, BIAS_LIMIT))
    firsts = (pair[0] for pair in islice(sequence(value), BIAS_LIMIT) if sequence(pair))
    return tuple(str(first)[:_TOKEN] for first in firsts if isinstance(first, int | str))


def is_json(format_: Any) -> bool:
    """Say whether an output format asks for JSON."""
    return mapping(format_).get("type") in ("json_object", "json_schema")


def offered(parameters: Parameters, document: Mapping[str, Any], *names: str) -> list[Any]:
    """Count the tools offered under `names` into `parameters`, and give the first of them."""
    tools: list[Any] = []
    for name in names:
        found = sequence(document.get(name))
        parameters.tools += len(found)
        tools.extend(found[: TOOL_LIMIT - len(tools)])
    return tools


def end_user(document: Mapping[str, Any]) -> str | None:
    """Read whom an OpenAI client says it acts for (`user` is the older name)."""
    return word(document.get("safety_identifier")) or word(document.get("user"))
