"""What brings the same entries to every process, in the same order."""

from typing import NamedTuple, Protocol


class Envelope(NamedTuple):
    """An entry on its way: whose it is, its place among that one's, and when it was."""

    origin: int
    """Who wrote it: a number of 63 bits that a process draws when it starts."""
    number: int
    """From 1, one more for each of an origin's: who has seen a number leaves out all up to it, so
    what may or may not have been appended is simply appended again."""
    at: float
    """When it was: seconds since the epoch by the transport's clock, as its writer knows it."""
    data: bytes
    """The entry, encoded: keyed hashes, sketches and counts, never a text."""


class Batch(NamedTuple):
    """Some envelopes that were appended together."""

    position: str
    """Its place in the journal, as the transport writes it; it means nothing to anybody else."""
    at: float
    """When it was appended: seconds since the epoch by the transport's clock, never backwards."""
    envelopes: list[Envelope]


class Transport(Protocol):
    """A journal that several processes append to and read. Belongs to an event loop.

    Each call raises `StoreError` where the journal cannot be had, and may be cancelled at any
    time: what a cancelled or failed `append` was given may be in the journal all the same. `read`
    and `append` may be under way at once.
    """

    async def open(self) -> float:
        """Reach the journal and give the time by its clock; again after a failure, however often.

        A reader that was here before goes on from the position it had.
        """

    async def append(self, envelopes: list[Envelope]) -> float:
        """Add a batch behind all that are there, all of it or none; give its time (`Batch.at`)."""

    async def read(self, after: str | None) -> Batch:
        """Give the batch after a position, one's own too; wait where there is none yet.

        None is before the earliest that is kept; of a position that the journal does not reach back
        to any more, or that it never had, so is all that is kept.
        """

    async def reaches(self, position: str) -> bool:
        """Say whether all that was ever appended after a position is still there."""

    async def close(self) -> None:
        """Let go of it; of use again after `open`."""
