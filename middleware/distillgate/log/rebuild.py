"""Making a state anew: the latest snapshot that is whole, and what the log has after it."""

from typing import NamedTuple

from distillgate.log.applier import Applier, Fold
from distillgate.log.log import CutError, DamagedError, Log, Reached
from distillgate.log.snapshotter import Snapshotter

_TRIES = 3
"""How often it is begun anew where others' snapshots overtake it; the last try may have a gap."""


class Rebuilt(NamedTuple):
    """A state that was made anew."""

    fold: Fold
    of_snapshot: int
    """Entries of it that are the snapshot's."""
    damaged: DamagedError | None = None
    """Why the log was read no further."""


async def rebuild(
    snapshots: Snapshotter, applier: Applier, log: Log, reached: Reached, *, hurry: bool
) -> Rebuilt | None:
    """Read a snapshot and the log after it; None where there is neither. Raises `StoreError`.

    Others write snapshots meanwhile, and cut the log behind the last but one. Where that overtakes
    what was read, the latest has what was cut.
    """
    for left in reversed(range(_TRIES)):
        fold = await snapshots.load(hurry=hurry)
        if not reached.name:
            return Rebuilt(fold, fold.applied) if fold.name else None
        of_snapshot = fold.applied
        if fold.name != reached.name:
            fold.name, fold.position = reached.name, ""
        try:
            await applier.catch_up(fold, log, reached.start, gaps=not left)
        except CutError:
            continue
        except DamagedError as error:
            return Rebuilt(fold, of_snapshot, error)
        return Rebuilt(fold, of_snapshot)
    raise AssertionError("the last try takes gaps")
