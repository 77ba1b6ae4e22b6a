"""Work that is too long for one piece, cut where it may wait."""

import math
from collections.abc import Generator
from typing import TypeVar

Result = TypeVar("Result")
Job = Generator[int, None, Result]
"""Work that says at each pause how many principals it went over since the last one."""


def run_slice(steps: Job[Result], budget: float) -> Result | None:
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
