"""What keeps records: a file, or a server that several gates share."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple, Protocol

from distillgate.errors import StoreError

NO_FACTS: Mapping[str, str] = MappingProxyType({})

Stored = str | bytes
"""A record's key, as it is stored."""


class Change(NamedTuple):
    """One record to write; None where it is gone."""

    part: str
    key: Stored
    data: bytes | None


class ForeignError(StoreError):
    """The file is not this gate's: of another key, or of a later version."""


class DamagedError(StoreError):
    """The file cannot be read as what it should be."""


class BusyError(StoreError):
    """Another process has the file."""


class Store(Protocol):
    """Where records are kept. Belongs to one thread; each call may raise `StoreError`."""

    returns: bool
    """Where it cannot be reached it may be later: `mine` tries to."""
    lacking: bool
    """There are no records: all are to be written."""
    others: bool
    """What is there was another's: all is to be written, as the two are not to be mixed."""

    def open(self) -> None:
        """Reach it; raises `ForeignError` or `DamagedError` where it is to be set aside."""

    def mine(self) -> bool:
        """Say whether to write now."""

    def fact(self, name: str, otherwise: str) -> str:
        """Give a fact; where there is none yet it is this."""

    def read(self, part: str) -> Iterator[tuple[Stored, bytes]]:
        """Give the records of one part."""

    def write(self, changes: Sequence[Change], facts: Mapping[str, str] = NO_FACTS) -> None:
        """Write records and facts, all or none."""

    def rewrite(self, changes: Iterable[Change], facts: Mapping[str, str]) -> None:
        """Write everything anew, in place of all that is there."""

    def set_aside(self) -> str:
        """Leave what is there under another name; give that."""

    def close(self, *, merged: bool = True) -> None:
        """Let go of it."""
