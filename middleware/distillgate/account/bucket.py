"""Token buckets that reserve first and settle later, so that parallel requests cannot overrun."""

from distillgate.records import FrozenRecord, Record


class Bucket(FrozenRecord, frozen=True):
    """`capacity` units that come back in `seconds`: evenly, or, for a `quota`, all at once.

    An even bucket lets twice its capacity through in its first `seconds`. A quota's period begins
    with its first use, and no period ever sees more than its capacity.
    """

    capacity: float
    seconds: float
    quota: bool = False


class Buckets(Record):
    """One account's buckets by name: how much of each is used, and when that was true."""

    _used: dict[str, tuple[float, float]] = {}  # each instance has a dict of its own

    def used(self, name: str, bucket: Bucket, now: float) -> float:
        """Return how much of a bucket is in use at `now`."""
        used, at = self._used.get(name, (0.0, now))
        if bucket.quota:
            return used if now - at < bucket.seconds else 0.0
        return max(0.0, used - max(0.0, now - at) * bucket.capacity / bucket.seconds)

    def since(self, name: str) -> float | None:
        """Return when a quota's period began, or an even bucket was last used; None if never."""
        used = self._used.get(name)
        return None if used is None else used[1]

    def wait(
        self, name: str, bucket: Bucket, amount: float, now: float, pending: float = 0.0
    ) -> float:
        """Return the seconds until `amount` fits; 0 where it fits now.

        `pending` is in use too, though not taken yet. More than the whole bucket fits when the
        bucket is untouched, or it never would.
        """
        used = self.used(name, bucket, now) + pending
        over = used + min(amount, bucket.capacity) - bucket.capacity
        if bucket.quota and over > 0:
            return bucket.seconds - (now - self._used.get(name, (0.0, now))[1])
        return max(0.0, over) * bucket.seconds / bucket.capacity

    def take(self, name: str, bucket: Bucket, amount: float, now: float) -> None:
        """Take `amount` (or give it back where negative); it may lead into debt."""
        used = max(0.0, self.used(name, bucket, now) + amount)
        since = self._used.get(name, (0.0, now))[1]
        if not bucket.quota or now - since >= bucket.seconds:
            since = max(now, since)
        self._used[name] = (used, since)
