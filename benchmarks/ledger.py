"""Whose memory it is: a process's resident bytes, and an engine's objects by their owner."""

import contextlib
import ctypes
import gc
import os
import sys
from collections.abc import Callable
from operator import attrgetter
from pathlib import Path
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from distillgate.engine.engine import Engine
from distillgate.fingerprint import origin
from distillgate.records.places import Places
from distillgate.settings import Settings

_GROUPS = attrgetter("state.groups._table._groups")
OWNERS: dict[str, Callable[[Engine], Any]] = {
    "accounts": attrgetter("state.accounts", "state.newcomers"),
    "which groups a principal is in": attrgetter("state.groups._principals"),
    "which principals a group has": lambda engine: [g.rows for g in _GROUPS(engine).values()],
    "texts sampled of groups": lambda engine: [g.repeats for g in _GROUPS(engine).values()],
    "groups and their evidence": lambda engine: (_GROUPS(engine), engine.state.actors),
    "templates": attrgetter("state.groups._index"),
    "links": attrgetter("state.groups._links"),
    "cached system prompts": attrgetter("fingerprinter._systems"),
    "cached addresses": lambda _: vars(origin)["_network"],
}
"""Parts of an engine, in the order in which an object that two of them hold is counted."""

_COLUMNS = attrgetter("_columns")
_MEMBERS = attrgetter("state.groups.members")
_SHARED = (type, ModuleType, FunctionType, BuiltinFunctionType, MethodType, Settings)


def resident() -> int:
    """Return the bytes of this process that are in memory now.

    What the C library keeps of freed memory is given back first: it is nobody's.
    """
    with contextlib.suppress(OSError, AttributeError):  # glibc's alone
        ctypes.CDLL("libc.so.6").malloc_trim(0)
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        import resource

        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak * 1024
    return pages * os.sysconf("SC_PAGE_SIZE")


def touch(engine: Engine) -> int:
    """Touch the tables of fixed size, and return their bytes; what is in them stays.

    The system gives memory only to pages that are written. These are written at random places, so
    that a long run has them all; the members' rows are not among them: they fill from the first on.
    """
    parts = [part for part in engine.state.parts().values() if isinstance(part, Places)]
    tables = [column for part in parts for column in _COLUMNS(part)]
    for table in tables:
        np.bitwise_or(table, 0, out=table)
    return sum(table.nbytes for table in tables)


def rows(engine: Engine) -> tuple[int, int]:
    """Give how many member rows are in use, and the bytes of one."""
    members = _MEMBERS(engine)
    arrays = [a for a in vars(members).values() if isinstance(a, np.ndarray) and a.base is None]
    return len(members), sum(array.nbytes for array in arrays) // members.limit


def owners(engine: Engine) -> dict[str, int]:
    """Give the bytes of an engine's objects, arrays apart, by owner."""
    seen: set[int] = {id(engine)}
    parts = {name: part(engine) for name, part in OWNERS.items()}  # all alive: ids are not reused
    return {name: _size(part, seen) for name, part in parts.items()}


def _size(root: Any, seen: set[int]) -> int:
    total, waiting = 0, [root]
    while waiting:
        found = waiting.pop()
        if id(found) in seen or isinstance(found, _SHARED):
            continue
        seen.add(id(found))
        if not isinstance(found, np.ndarray) or found.size < 10_000:
            total += sys.getsizeof(found)
        waiting.extend(gc.get_referents(found))
    return total
