"""A pool's searches, one after the other, a piece at a time."""

from collections import deque

from distillgate.campaign.group import Group
from distillgate.campaign.jobs import Job, run_slice
from distillgate.campaign.pool import Pool


class Searches:
    """The search that is under way, and the hands it found.

    Apart from the pool, which the job holds: see `Examiner`.
    """

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._under_way: Job[list[Group]] | None = None
        self._found: deque[Group] = deque()
        """Hands whose evidence is new."""

    @property
    def at_rest(self) -> bool:
        """Return whether no search is under way."""
        return self._under_way is None and not self._found

    @property
    def are_due(self) -> bool:
        """Return whether there is work: a search that is under way, or one that is due."""
        return not self.at_rest or self._pool.is_due

    def examine_next(self, now: float) -> Group | None:
        """Search a little; return a hand whose evidence is new, one at a time."""
        if self._found:
            return self._found.popleft()
        search = self._under_way if self._under_way is not None else self._pool.examine(now)
        self._under_way = None  # one that fails is not taken up again
        found = run_slice(search)
        if found is None:
            self._under_way = search
        else:
            self._found.extend(found)
        return None
