"""Up to which number each origin's entries were learned."""

import msgspec

from distillgate.fleet.transport import Envelope

_ORIGINS = 1024
"""Processes, started again ones too; beyond, those that were heard of longest ago are forgotten."""


class Seen:
    """The last number of each origin, in the order in which they were heard of."""

    def __init__(self) -> None:
        self._numbers: dict[int, int] = {}

    def number(self, origin: int) -> int:
        """Give the last number of an origin; 0 of one that is not known."""
        return self._numbers.get(origin, 0)

    def missed(self, envelope: Envelope) -> int | None:
        """Say how many are missing before an envelope; None where it was seen already."""
        last = self._numbers.get(envelope.origin)
        if last is None:
            return 0  # it may have begun long before this process
        return envelope.number - last - 1 if envelope.number > last else None

    def note(self, envelope: Envelope) -> None:
        """Note that an envelope was learned."""
        self._numbers.pop(envelope.origin, None)
        self._numbers[envelope.origin] = envelope.number
        if len(self._numbers) > _ORIGINS:
            del self._numbers[next(iter(self._numbers))]

    def dump(self) -> str:
        """Write it."""
        return msgspec.json.encode([*self._numbers.items()]).decode()

    def load(self, written: str) -> None:
        """Read what `dump` wrote, in place of what is there."""
        self._numbers = dict(msgspec.json.decode(written, type=list[tuple[int, int]]))
