"""Under which name an upstream takes the limit of a chat's output.

OpenAI's reasoning models refuse `max_tokens`, many other servers refuse `max_completion_tokens` or
do not look at it. The name is guessed from the model's, and corrected by what the upstream does: an
answer to a client that gave a limit, an error about the name that was added here.
"""

import re
from collections import OrderedDict
from typing import Literal, NamedTuple

from distillgate.wire.request import Request

LimitName = Literal["max_tokens", "max_completion_tokens"]

MODELS = 1000
"""Models of which is remembered what the upstream did; the longest unused go first."""

_OLDER: LimitName = "max_tokens"
_NEWER: LimitName = "max_completion_tokens"
_NAMES: tuple[LimitName, LimitName] = (_OLDER, _NEWER)
_OPENAI = re.compile(r"(?:^|/)(?:o\d|gpt-(?:[5-9]|\d\d)|codex|gpt-4o|gpt-4\.\d|chatgpt)")
"""OpenAI's models that know the newer name; those from o1 on refuse the older."""

_REFUSED = re.compile(
    rb"unsupported|unknown|unrecognized|unexpected|extra|not (?:supported|permitted|allowed)"
    rb"|forbidden",
    re.IGNORECASE,
)
ERROR_BYTES = 4096
"""Bytes of an error that are searched."""


class Added(NamedTuple):
    """A limit that was added: for which model, under which name."""

    model: str
    name: LimitName


def limit_name(request: Request) -> LimitName | None:
    """Read under which of the names a chat gives its limit; None where under none, or both."""
    if len(request.operation.measured.limits) == 1:
        return None
    given = [name for name in _NAMES if request.document.get(name) is not None]
    return given[0] if len(given) == 1 else None


class LimitNames:
    """What one upstream was seen to take and to refuse, by model."""

    __slots__ = ("_models",)

    def __init__(self) -> None:
        self._models: OrderedDict[str, dict[LimitName, bool]] = OrderedDict()

    def of(self, model: str) -> LimitName:
        """Choose the name under which a limit is added."""
        guess = _NEWER if _OPENAI.search(model.lower()) else _OLDER
        other = _OLDER if guess is _NEWER else _NEWER
        seen = self._models.get(model, {})
        if guess not in seen:
            return other if seen.get(other) else guess
        return guess if seen[guess] or seen.get(other) is False else other

    def answered(self, model: str, name: LimitName) -> None:
        """Hear that the upstream answered a request that had a limit under this name."""
        self._note(model, name, taken=True)

    def refused(self, added: Added, error: bytes) -> None:
        """Hear that a request to which a limit was added here was refused, and with what error.

        A name that was taken before stays: an error can be made to speak of it.
        """
        model, name = added
        error = error[:ERROR_BYTES]
        named = re.search(rb"\b" + name.encode() + rb"\b", error)
        if named and _REFUSED.search(error) and not self._models.get(model, {}).get(name):
            self._note(model, name, taken=False)

    def _note(self, model: str, name: LimitName, *, taken: bool) -> None:
        self._models.setdefault(model, {})[name] = taken
        self._models.move_to_end(model)
        while len(self._models) > MODELS:
            self._models.popitem(last=False)
