"""Work that nobody waits for: on the event loop, in short pieces and long pauses."""

import asyncio
import time
from collections.abc import Callable, Hashable, Sequence

from distillgate.campaign.jobs import Job, Result

PIECE = 0.0002
"""Seconds of such work in one go. A request that comes meanwhile waits for one piece..."""
_PAUSE = 0.002
"""...and is mostly done before the next."""
_SHARE = 0.05
"""The share of a core that renewing one thing takes at most: what takes 2 s is renewed every 40."""
_STEP = 1e-6
"""Seconds that a step of such work takes, at most."""


def piece(steps: Job[Result], seconds: float = PIECE) -> Sequence[Result]:
    """Work a little; return what it came to, nothing where it goes on. It may come to None."""
    until = time.perf_counter() + seconds
    try:
        while time.perf_counter() < until:
            next(steps)
    except StopIteration as done:
        return (done.value,)
    return ()


def lasts(seconds: float, worked: int) -> float:
    """Return for how many seconds the result of so many steps of work is good enough."""
    return max(seconds, worked * _STEP / _SHARE)


async def at_leisure(steps: Job[Result]) -> Result:
    """Work for something that nobody waits for."""
    while not (found := piece(steps)):  # noqa: ASYNC110 - it works between
        await asyncio.sleep(_PAUSE)
    return found[0]


class Errands:
    """What is to be done when there is time: once, however often it is asked for meanwhile."""

    def __init__(self) -> None:
        self._due: dict[Hashable, Callable[[], Job[object]]] = {}

    def add(self, key: Hashable, make: Callable[[], Job[object]]) -> None:
        """Ask for something; what is asked for already is not asked for twice."""
        self._due.setdefault(key, make)

    async def run(self) -> None:
        """Do all that is asked for, the longest waiting first."""
        while self._due:
            key = next(iter(self._due))
            await at_leisure(self._due[key]())
            del self._due[key]
