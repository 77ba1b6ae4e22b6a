"""What an account has long used, and whether something new is used all at once: a stolen key?

Whoever has a stolen key tries it, and then runs what its owner never used, at a rate that the owner
never had. An owner may do that too, on the day of a launch with another model. So it is told to the
operator, who can ask, and is held against nobody: no signal is made of it.
"""

import struct
from typing import NamedTuple

from xxhash import xxh3_64_intdigest

from distillgate.account.windows import DAY, HOUR

_LAYOUT = struct.Struct("<2d5I16s16s")
"""When it began; since when something is new (0: nothing is); requests in all; the hour, its
requests for what is known and for what is new, and the busiest hour's for what was known; then what
is known and what is new, as Bloom filters."""
_BITS, _HASHES = 128, 2
_MOST = 2**32 - 1


_SETTLED_SECONDS = 14 * DAY
"""Use from which an account has habits; a younger one has everything to try."""
_SETTLED_REQUESTS = 200
"""Answered requests from which it has."""
_NEW_SECONDS = 7 * DAY
"""How long a model or call counts as new after its first use: a key is tried before it is used."""
_BURST = 100
"""Requests for what is new, in one hour of the clock, from which they are a burst..."""
_TIMES = 3.0
"""...where they are so many times what the account's busiest hour had before. Who moves all work to
another model at the rate it had stays below it."""


class Surge(NamedTuple):
    """A burst of what an account never used, after a long habit."""

    account: str
    at: float
    model: str
    """What the latest request of it asked for..."""
    operation: str
    """...and by which call: one of the two is new."""
    requests: int
    """How many there were within the hour."""
    busiest: int
    """How many the account's busiest hour had before."""
    days: float
    """How long the account had had its habit."""


class Burst(NamedTuple):
    """What a habit alone can say of one."""

    requests: int
    busiest: int
    days: float


class Habit(bytes):
    """What one account used so far, in 68 bytes. A value: learning gives another.

    A Bloom filter is never wrong where it says that something is new. What is new stays so for a
    while, unless the account has no habits yet: it is the burst that counts, not the first use.
    """

    __slots__ = ()

    @classmethod
    def begun(cls, now: float) -> "Habit":
        """Return the habit of an account that is not known yet."""
        return cls(_LAYOUT.pack(now, 0.0, 0, 0, 0, 0, 0, b"", b""))

    @classmethod
    def of(cls, data: bytes) -> "Habit | None":
        """Read what was written; nothing is known where another version wrote it."""
        return cls(data) if len(data) == _LAYOUT.size else None

    def learn(self, used: int, now: float) -> tuple["Habit", Burst | None]:
        """Add a request for what `uses` gave; return the burst that it completes, if it does."""
        since, first, total, hour, usual, fresh, busiest, *filters = _LAYOUT.unpack(self)
        known, new = (int.from_bytes(bits) for bits in filters)
        if first and now - first > _NEW_SECONDS:
            known, new, first = known | new, 0, 0.0
        here = int(now // HOUR) & _MOST  # before 1970, too: clocks are set wrong
        if here != hour:
            hour, usual, fresh = here, 0, 0
        settled = total >= _SETTLED_REQUESTS and now - since >= _SETTLED_SECONDS
        burst = None
        if settled and used & ~known:
            fresh, new, first = fresh + 1, new | used, first or now
            if fresh >= max(_BURST, _TIMES * busiest):
                burst = Burst(fresh, busiest, (now - since) / DAY)
                known, new, first = known | new, 0, 0.0
        else:
            known, usual = known | used, usual + 1
            busiest = max(busiest, usual)
        counts = (min(total + 1, _MOST), hour, usual, fresh, busiest)
        bits = (filled.to_bytes(_BITS // 8) for filled in (known, new))
        return Habit(_LAYOUT.pack(since, first, *counts, *bits)), burst


def uses(model: str, operation: str) -> int:
    """Return the bits of a filter that stand for a model, and for a call."""
    found = 0
    for name in (f"m{model}", f"c{operation}"):
        value = xxh3_64_intdigest(name.encode("utf-8", "surrogatepass"))
        for _ in range(_HASHES):
            value, place = divmod(value, _BITS)
            found |= 1 << place
    return found
