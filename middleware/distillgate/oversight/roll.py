"""The campaigns as they were last put together: made once, for everybody who asks."""

from distillgate.campaign.jobs import Job
from distillgate.engine.engine import Engine
from distillgate.oversight.campaigns import Campaign, campaigns

FRESH = 2.0
"""Seconds for which campaigns are told as they were, while exchanges come and change them."""


class Roll:
    """Puts campaigns together when something has changed since, and somebody asks."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._job: Job[list[Campaign]] | None = None
        self._found: list[Campaign] = []
        self._of: tuple[object, int] | None = None
        """The learner that had learned so much when they were put together, and..."""
        self._at = 0.0
        """...when that was."""

    def campaigns(self, now: float) -> Job[list[Campaign]]:
        """Return the campaigns there are; who asks while they are put together helps with it."""
        while self._is_stale(now):
            job = self._job
            if job is None:
                self._at, self._of = now, self._learned
                job = self._job = campaigns(self._engine, now)
            try:
                yield next(job)
            except StopIteration as done:
                self._found, self._job = done.value, None
            except BaseException:
                self.drop()
                raise
        return self._found

    def drop(self) -> None:
        """Put them together anew for whoever asks next: somebody has ordered something."""
        self._of = self._job = None

    @property
    def _learned(self) -> tuple[object, int]:
        learner = self._engine.learner
        return learner, learner.learned

    def _is_stale(self, now: float) -> bool:
        if self._job is not None or self._of is None:
            return True
        learner, learned = self._learned
        if self._of == (learner, learned):
            return False
        return learner is not self._of[0] or abs(now - self._at) >= FRESH
