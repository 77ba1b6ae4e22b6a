"""The names of what is read, whatever the case they are written in.

Go's `encoding/json` (Ollama, LocalAI, many gateways), its faster replacements and ASP.NET match
keys without regard to case, the last one wins: `MESSAGES` is `messages` there, and nothing to
Python. Go folds two letters beyond ASCII: the long s and the Kelvin sign.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from distillgate.wire.cover import cover, grouped


def fold(name: str) -> str:
    """Fold a name as Go does: ASCII case, U+017F (long s) and U+212A (Kelvin sign)."""
    return name.lower().replace("\N{LATIN SMALL LETTER LONG S}", "s")


class Names:
    """The names that a dialect looks for."""

    __slots__ = ("_folded", "all")

    def __init__(self, names: Iterable[str]) -> None:
        self.all = frozenset(names)
        self._folded = {fold(name): name for name in self.all}

    def also(self, *names: str) -> "Names":
        """Return these and more."""
        return Names((*self.all, *names))

    def meant(self, key: str) -> str | None:
        """Return the name that a key is taken for; None where it is none of these."""
        return key if key in self.all else self._folded.get(fold(key))


COMMON = Names({
    # The call.
    "model", "messages", "prompt", "input", "inputs", "instructions", "system", "suffix", "tools",
    "functions", "stream", "user", "safety_identifier", "metadata", "user_id", "include",
    "response_format", "output_config", "output_format", "format", "text", "thinking", "reasoning",
    "reasoning_effort", "effort", "variables", "documents", "query", "texts", "queries",
    # Sampling and output.
    "max_tokens", "max_completion_tokens", "max_output_tokens", "max_new_tokens", "n", "best_of",
    "temperature", "top_p", "seed", "logprobs", "top_logprobs", "prompt_logprobs", "logit_bias",
    "echo", "budget_tokens", "num_predict", "n_predict",
    # Turns and their parts.
    "role", "content", "type", "name", "refusal", "reasoning_content", "reasoning_details",
    "thinking_blocks", "tool_calls", "function_call", "function", "custom", "arguments", "action",
    "output", "summary", "source", "data", "signature", "encrypted_content", "id", "stdout",
    "stderr", "description",
})  # fmt: skip
"""What most dialects look for, and what stands beside it."""

_DATA = frozenset({
    "parameters", "input_schema", "schema", "json_schema", "arguments", "properties", "args",
    "logit_bias", "variables", "response", "metadata", "input", "output", "action",
})  # fmt: skip
"""Objects whose keys are a client's own words."""

_LEVELS = 24
"""Levels that are looked at; none that is read lies deeper."""


def folded(document: Mapping[str, Any], names: Names) -> Mapping[str, Any] | None:
    """Return the document under the names that are read; None where it is under them already."""
    if not _differs(document, names):
        return None
    renamed: Mapping[str, Any] = _renamed(document, names, _LEVELS)
    return renamed


def _differs(  # noqa: C901 - every request runs this loop
    document: Mapping[str, Any], names: Names
) -> bool:
    level: list[Any] = [document]
    known = names.all.issuperset
    strange: set[str] = set()
    for _ in range(_LEVELS):
        below: list[Any] = []
        for value in level:
            if type(value) is list:
                below += value
            elif type(value) is dict:
                if len(value) == 2 and (
                    ("role" in value and type(value.get("content")) is str)
                    or ("type" in value and type(value.get("text")) is str)
                ):  # most turns and parts: no other key, and nothing below
                    continue
                if not known(value):
                    strange.update(value)
                for key, child in value.items():
                    kind = type(child)
                    if kind is str:
                        continue
                    if kind is list:
                        if child and type(child[0]) is not int:  # token ids: many, and no objects
                            below += child
                    elif kind is dict and key not in _DATA:
                        below.append(child)
        if not below:
            break
        level = below
    return bool(strange) and any(names.meant(key) not in (None, key) for key in strange)


def _renamed(value: Any, names: Names, levels: int) -> Any:
    if not levels:
        return value
    if isinstance(value, list):
        return [_renamed(item, names, levels - 1) for item in value]
    if not isinstance(value, dict):
        return value
    pairs: list[tuple[str, Any]] = []
    for key, item in value.items():
        name = names.meant(key) or key
        data = name in _DATA and isinstance(item, dict)
        pairs.append((name, item if data else _renamed(item, names, levels - 1)))
    return {key: cover(key, values) for key, values in grouped(pairs).items()}
