"""Records gathered on the event loop that owns the state, a millisecond at a time."""

import asyncio
from collections.abc import Iterable
from itertools import islice
from time import perf_counter
from typing import Any, NamedTuple

from distillgate.durable.changed import Kept
from distillgate.stores.records import changes
from distillgate.stores.store import Change

_SLICE_SECONDS = 0.001
_AT_ONCE = 8
"""Records gathered between two looks at the clock."""


class Wanted(NamedTuple):
    """Some records of one part."""

    name: str
    part: Kept[Any]
    keys: Iterable[Any]


async def gather(wanted: Iterable[Wanted]) -> list[Change]:
    """Gather records in pieces that hold the loop for a short time each.

    What is wanted of a part is asked for when it is that part's turn.
    """
    gathered: list[Change] = []
    began = perf_counter()
    for name, part, keys in wanted:
        left = iter(keys)
        while some := list(islice(left, _AT_ONCE)):
            gathered += changes(name, part, some)
            if perf_counter() - began > _SLICE_SECONDS:
                await asyncio.sleep(0)
                began = perf_counter()
    return gathered
