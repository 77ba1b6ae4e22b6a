"""Work that is too long for one piece, cut where it may wait."""

import math
from collections.abc import Callable, Generator, Sequence
from heapq import merge
from typing import Any, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")
Job = Generator[int, None, Result]
"""Work that says at each pause how many principals it went over since the last one."""
_SLICE = 1024
"""Principals gone over in one slice; a millisecond's work, measured."""


def run_slice(steps: Job[Result], budget: float = _SLICE) -> Result | None:
    """Work until `budget` principals are gone over; give the result when all is done, None before.

    The budget counts principals, not time, so that a replay takes the same steps.
    """
    worked = 0
    try:
        while worked < budget:
            worked += next(steps)
    except StopIteration as done:
        result: Result = done.value
        return result
    return None


def complete(steps: Job[Result]) -> Result:
    """Work until all is done, where nobody waits meanwhile; return the result."""
    result: Result = run_slice(steps, math.inf)  # type: ignore[assignment] # nothing is left to do
    return result


def ordered(items: Sequence[Item], key: Callable[[Item], Any]) -> Job[list[Item]]:
    """Sort a long list: in short runs, which are merged."""
    runs = []
    for at in range(0, len(items), _RUN):
        runs.append(sorted(items[at : at + _RUN], key=key))
        yield _RUN
    found: list[Item] = []
    for item in merge(*runs, key=key):
        found.append(item)
        if not len(found) % _RUN:
            yield _RUN
    return found


_RUN = 500
"""Items that are sorted, or merged, between two pauses: half a millisecond."""
