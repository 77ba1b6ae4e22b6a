"""One value for all that a body may be read as.

JSON leaves open what a repeated key means: Python and Node take the last value, others the first,
Go merges them, and Go matches keys without regard to case. A content coding can leave two documents
in the same bytes. Whoever knows which reading the upstream takes shows the gate another. So where
readings differ, what is judged holds them all: lists and texts one after the other, of numbers the
larger, of limits on the output none where one reading has none.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from distillgate.wire.fields import integer, number

LIMITS = frozenset({
    "max_tokens", "max_completion_tokens", "max_output_tokens", "max_new_tokens",
    "maxOutputTokens", "maxTokens", "num_predict", "n_predict",
})  # fmt: skip
"""Limits on the output, for which "not named" is more than any number."""

_LATEST = frozenset({"model"})
"""Names of which only one can count: the last, as for Python, Node and Go."""

OVERLAY = "extra_body"
_LAYERS = 4
"""Overlays in overlays that are read: a gateway behind another takes one each."""

_DEPTH = 24
"""Levels of objects that are merged; below it values stand beside each other."""


class Pairs:
    """Makes objects of their members, for a JSON decoder; remembers whether a key was repeated."""

    __slots__ = ("ambiguous",)

    def __init__(self) -> None:
        self.ambiguous = False

    def __call__(self, pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
        """Return the object of `pairs`."""
        made = dict(pairs)
        if len(made) < len(pairs):
            self._cover(made, pairs)
        return made

    def _cover(self, made: dict[str, Any], pairs: Iterable[tuple[str, Any]]) -> None:
        for key, values in grouped(pairs).items():
            if not _alike(values):
                self.ambiguous = True
                made[key] = cover(key, values)


def grouped(pairs: Iterable[tuple[str, Any]]) -> dict[str, list[Any]]:
    """Collect the values of each key."""
    groups: dict[str, list[Any]] = {}
    for key, value in pairs:
        groups.setdefault(key, []).append(value)
    return groups


def overlaid(document: Mapping[str, Any]) -> tuple[Mapping[str, Any], bool]:
    """Return one document for a request and what it lays over itself, and whether they differ.

    LiteLLM, and who else calls by an SDK of OpenAI's, puts the members of `extra_body` in the place
    of the request's own; others do not look at it.
    """
    differ = False
    for _ in range(_LAYERS):
        extra = document.get(OVERLAY)
        if not isinstance(extra, dict):
            break
        plain = {key: value for key, value in document.items() if key != OVERLAY}
        differ |= any(key in plain and not _alike([plain[key], extra[key]]) for key in extra)
        document = cover_documents([plain, {**plain, **extra}])[0]
    return document, differ


def cover_documents(documents: Sequence[Mapping[str, Any]]) -> tuple[dict[str, Any], bool]:
    """Return one document for several, and whether they differ."""
    if _alike(documents):
        return dict(documents[0]), False
    return _merged(documents, _DEPTH), True


def cover(key: str, values: Sequence[Any], depth: int = _DEPTH) -> Any:
    """Return one value for all that `key` has."""
    if key in LIMITS:
        return _limit(values)
    present = [value for value in values if value is not None]
    if not present or _alike(present):
        return present[0] if present else None
    if depth and all(isinstance(value, dict) for value in present):
        return _merged(present, depth - 1)
    if key in _LATEST:
        return present[-1]
    numbers = [found for value in present if (found := _numeric(value)) is not None]
    if len(numbers) == len(present):
        return max(numbers)
    joined: list[Any] = []
    for value in present:
        if isinstance(value, list):
            joined.extend(value)
        else:
            joined.append(value)
    return joined


def _merged(documents: Sequence[Mapping[str, Any]], depth: int) -> dict[str, Any]:
    largest = max(documents, key=len)
    merged = dict(largest)  # what it has alone stays: it may have been merged many times before
    rest = (key for document in documents if document is not largest for key in document)
    for key in dict.fromkeys((*rest, *LIMITS.intersection(largest))):
        values = [document[key] for document in documents if key in document]
        if key in LIMITS and len(values) < len(documents):
            values.append(None)
        merged[key] = cover(key, values, depth)
    return merged


def _limit(values: Iterable[Any]) -> int | None:
    bounds = [integer(value) for value in values]
    known = [bound for bound in bounds if bound is not None and bound >= 0]
    return max(known) if known and len(known) == len(bounds) else None


def _numeric(value: Any) -> float | None:
    return value if isinstance(value, bool | int) else number(value)


def _alike(values: Sequence[Any]) -> bool:
    first = values[0]
    try:
        return all(value == first and type(value) is type(first) for value in values[1:])
    except RecursionError:  # nested past what can be compared
        return False
