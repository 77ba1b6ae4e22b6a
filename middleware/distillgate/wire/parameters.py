"""The parameters that the OpenAI calls share, and how each of them is spelled."""

import re
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

import orjson

from distillgate.wire.content import TOOL_LIMIT
from distillgate.wire.fields import count, flag, integer, mapping, number, sequence, word
from distillgate.wire.message import Parameters

BIAS_LIMIT = 1024
"""Biased tokens of one request that are kept (OpenAI takes 300)."""

_TOKEN = 32
"""Characters of a biased token's id that are kept."""

_NAME = 4096
"""Characters of an end user's name that are looked at for a session in it."""

_SESSION = re.compile(r"_session_[0-9A-Za-z-]*")


def sampling(document: Mapping[str, Any], *, limits: tuple[str, ...]) -> Parameters:
    """Read what every OpenAI call has; `limits` are this call's names for the longest output.

    Where both of two names are given, upstreams differ on which one holds: the larger counts, and
    a negative one (no limit) more than any.
    """
    get = document.get
    given = [value for name in limits if (value := get(name)) is not None]
    return Parameters(
        max_tokens=largest(given) if given else None,
        temperature=number(get("temperature")),
        top_p=number(get("top_p")),
        n=count(get("n")),
        best_of=count(get("best_of")),
        seed=integer(get("seed")),
        top_logprobs=integer(get("top_logprobs")),
        logit_bias=biased(get("logit_bias")),
        echo=flag(get("echo")),
        stream=flag(get("stream")),
        background=flag(get("background")),
    )


def largest(given: Iterable[Any]) -> int | None:
    """Return the largest of several output limits; None where one of them is no limit."""
    bounds = [bound for value in given if (bound := integer(value)) is not None]
    return max(bounds) if bounds and min(bounds) >= 0 else None


def biased(value: Any) -> tuple[str, ...]:
    """Read the biased token ids: an object's keys, or (llama.cpp) pairs of id and bias."""
    if not value:
        return ()
    if isinstance(value, dict):
        return tuple(key[:_TOKEN] for key in islice(value, BIAS_LIMIT))
    firsts = (pair[0] for pair in islice(sequence(value), BIAS_LIMIT) if sequence(pair))
    return tuple(str(first)[:_TOKEN] for first in firsts if isinstance(first, int | str))


def is_json(format_: Any) -> bool:
    """Return whether an output format asks for JSON."""
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
    get = document.get
    return person(get("safety_identifier")) or person(get("user"))


def person(value: Any) -> str | None:
    """Read the name of an end user; of those that Claude Code writes, all but the session.

    It writes `user_HASH_account_UUID_session_UUID`, or a JSON object with a `session_id`: a name a
    session, by which one developer would be hundreds of end users.
    """
    if not isinstance(value, str) or "session" not in value[:_NAME]:
        return word(value)
    if value.startswith("user_"):
        return word(_SESSION.sub("", value[:_NAME]))
    if value.lstrip().startswith("{"):
        try:
            fields = orjson.loads(value[:_NAME])
        except orjson.JSONDecodeError:
            return word(value)
        kept = {key: fields[key] for key in fields if "session" not in key.lower()}
        return word(orjson.dumps(kept, option=orjson.OPT_SORT_KEYS).decode()) if kept else None
    return word(value)
