"""What a log is: batches of entries in one order, and snapshots of what they amount to.

Its homes are `log.file` (one machine) and `log.stream` (a server). A log has a name that is drawn
when it is founded. Where it is lost or damaged it is founded anew, under another name, on a
snapshot of what somebody remembers; everybody who follows it then begins from there.
"""

from collections.abc import AsyncIterator
from typing import Any, NamedTuple, Protocol

from distillgate.errors import StoreError
from distillgate.records import FrozenRecord


class Clock(Protocol):
    """The time by which exchanges are judged; it can be moved to agree with others'."""

    def __call__(self) -> float:
        """Return seconds since the epoch."""

    def own(self) -> float:
        """Return this machine's own time."""

    def agree(self, began: float, at: float, ended: float) -> None:
        """Hear that it was `at` elsewhere, some time between two own times."""


class Observer(Protocol):
    """Hears of what happened. Called on the event loop: quick, and never raising."""

    def event(self, name: str, **fields: Any) -> None:
        """Record a rare event."""

    def failed(self, where: str, error: BaseException) -> None:
        """Record an internal error."""

    def logged(self, what: str, entries: int) -> None:
        """Count entries: `appended`, `applied`, `lost`, `dropped`, `damaged`."""

    def log_state(self, *, local: bool, lag: float, backlog: int) -> None:
        """Hear how it stands: seconds behind the log, bytes that have not come back."""


class ReplacedError(StoreError):
    """The log that was followed is there no more, or another is in its place."""


class CutError(StoreError):
    """The log does not reach back to a position; `first` is the earliest from which it does."""

    def __init__(self, first: str) -> None:
        super().__init__("the log does not reach back so far")
        self.first = first


class DamagedError(StoreError):
    """What is there is not what was written."""


class ForeignError(StoreError):
    """What is there is of another key, or of another version."""


class Batch(FrozenRecord, frozen=True):
    """Some entries of one process, appended together."""

    origin: int
    """Who wrote it: a number of 63 bits that a process draws when it starts."""
    number: int
    """The number of its first entry among that one's, from 1: who has applied a number leaves out
    all up to it, so what may or may not have been appended is appended again."""
    entries: list[bytes]
    """Encoded entries."""


class Placed(NamedTuple):
    """A batch in its place."""

    position: str
    """Its place, as the home writes it; it means nothing to anybody else."""
    at: float
    """When it was appended: seconds since the epoch by the log's clock."""
    data: bytes
    """A `Batch`."""


class Reached(NamedTuple):
    """A log that can be used."""

    name: str
    """Empty where it must be founded first."""
    start: str
    """The position before its first batch."""
    at: float | None
    """The time by its clock, where that is not this machine's."""


class Snapshot(NamedTuple):
    """A snapshot that is there to be read."""

    number: int
    """The later, the greater."""
    chunks: AsyncIterator[bytes]


class Log(Protocol):
    """Belongs to an event loop. Each call may raise `StoreError`, and may be cancelled: what a
    cancelled or failed `append` was given may be in the log all the same. `read` and `append` may
    be under way at once.
    """

    notes: list[dict[str, Any]]
    """What was set aside, and why; whoever tells it takes it out."""

    async def open(self) -> Reached:
        """Reach the log; again after a failure, however often."""

    async def found(self, old: str, name: str, chunks: AsyncIterator[bytes]) -> bool:
        """Begin a log of this name, on a snapshot, in place of the `old` one.

        Return False where somebody else did, or does so now.
        """

    async def append(self, data: bytes) -> float | None:
        """Add a `Batch` behind all that are there; return its time (`Reached.at`)."""

    async def read(self, after: str, *, wait: bool) -> list[Placed]:
        """Return some batches after a position, one's own too; or wait a while for the next.

        Raises `CutError` where not all of them are there any more.
        """

    async def write_snapshot(self, position: str, chunks: AsyncIterator[bytes]) -> bool:
        """Write a snapshot of all up to a position; return False while somebody else writes one.

        The two latest are kept, and the log from the older one on.
        """

    async def snapshots(self) -> list[Snapshot]:
        """Return the snapshots there are, the latest first."""

    async def close(self) -> None:
        """Let go of it; of use again after `open`."""
