"""One JSON value, read tolerantly: what is wrong is not given, what an upstream would take counts.

Lax validation (pydantic's default, which vLLM and SGLang keep) takes `"5"` and `5.0` for 5, and
`"true"` and 1 for true; a parameter the upstream obeys must not be one the gate does not see.
"""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

WORD_LIMIT = 256
"""Characters of a name (model, end user, role) that are kept."""

_BITS = 63
_DIGITS = 64
"""Characters of a number written as text; 64 bits need 20, the rest is room for zeros."""

_WHOLE = re.compile(r"\s*([+-]?\d[\d_]*)(?:\.0*)?\s*", re.ASCII)
_TRUE = frozenset({"1", "true", "t", "yes", "y", "on"})
_NOTHING: Mapping[str, Any] = {}

NUMBERS = frozenset({int, float, bool})
"""Types of numbers, to hosts that check with pydantic: `3.0` and `true` are ids to them."""


def integer(value: Any) -> int | None:
    """Read a whole number of at most 64 bits."""
    if value is None:  # most parameters of most requests
        return None
    if type(value) is not int:
        if isinstance(value, float):
            value = int(value) if value.is_integer() else None
        elif isinstance(value, str) and len(value) <= _DIGITS:
            whole = _WHOLE.fullmatch(value)
            value = int(whole[1].replace("_", "")) if whole else None
        else:
            return None
    return value if value is not None and -1 << _BITS <= value < 1 << _BITS else None


def limit(value: Any) -> int | None:
    """Read a bound on the output; a negative one (-1, llama.cpp's "without end") is none."""
    bound = integer(value)
    return bound if bound is not None and bound >= 0 else None


def count(value: Any) -> int | None:
    """Read how many answers are asked for; fewer than one is not given."""
    number = integer(value)
    return number if number is not None and number > 0 else None


def number(value: Any) -> float | None:
    """Read a finite number."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if isinstance(value, str) and len(value) > _DIGITS:
        return None
    try:
        value = float(value)
    except (ValueError, OverflowError):
        return None
    return value if math.isfinite(value) else None


def flag(value: Any) -> bool:
    """Read a truth value; absent and unreadable are false."""
    if value is None:
        return False
    if isinstance(value, str):
        return value.lower() in _TRUE
    return isinstance(value, bool | int | float) and value == 1


def word(value: Any) -> str | None:
    """Read a name, cut to `WORD_LIMIT`; empty is not given."""
    return value[:WORD_LIMIT] if isinstance(value, str) and value else None


def first(values: Mapping[str, Any], names: Iterable[str]) -> Any:
    """Read what stands under the first of several names that is given; None where none is."""
    for name in names:
        value = values.get(name)
        if value is not None:
            return value
    return None


def mapping(value: Any) -> Mapping[str, Any]:
    """Read an object; anything else is an empty one."""
    return value if isinstance(value, dict) else _NOTHING


def sequence(value: Any) -> Sequence[Any]:
    """Read an array; anything else is an empty one."""
    return value if isinstance(value, list) else ()
