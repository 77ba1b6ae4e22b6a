"""The campaigns as they were last put together: made once, for everybody who asks."""

from weakref import ReferenceType, ref

from distillgate.campaign.jobs import Job
from distillgate.engine.engine import Engine
from distillgate.engine.learner import Learner
from distillgate.oversight.campaigns import Campaign, campaigns
from distillgate.oversight.errands import lasts

FRESH = 2.0
"""Seconds for which campaigns are told as they were, while exchanges come and change them; more
where putting them together is very much work (`lasts`)."""
CHEAP = 50_000
"""Steps of the work, some 50 ms, beyond which nobody waits for it: campaigns are told as they were,
and put together anew behind that (`renew`)."""


class Roll:
    """Puts campaigns together when something has changed since, and somebody asks."""

    def __init__(self, engine: Engine, cheap: int = CHEAP) -> None:
        self._engine = engine
        self._cheap = cheap
        self._worked = self._working = 0
        """The steps of the work that was last done, and of that which is being done."""
        self._whose: ReferenceType[Learner] | None = None
        """The learner of the campaigns that are told. Held itself, it would keep a whole state that
        was replaced since, where nobody asks again."""
        self.drops = 0
        """How often something was ordered that the campaigns show."""
        self.wanted = False
        """Somebody was told campaigns as they were: see `renew`."""
        self._job: Job[list[Campaign]] | None = None
        self._found: list[Campaign] = []
        self._of: tuple[ReferenceType[Learner], int] | None = None
        """The learner that had learned so much when they were put together, and..."""
        self._at = 0.0
        """...when that was."""

    def campaigns(self, now: float) -> Job[list[Campaign]]:
        """Return the campaigns there are; who asks while they are put together helps with it.

        Where that is long, they are as they last were, once they have been put together at all.
        """
        while self._is_stale(now):
            if self._worked > self._cheap and self._whose == ref(self._engine.learner):
                self.wanted = True
                break
            yield from self._step(now)
        return self._found

    def renew(self, now: float) -> Job[bool]:
        """Put the campaigns together anew for those who do not wait for it."""
        self.wanted = False
        while self._is_stale(now):
            yield from self._step(now)
        return True

    def _step(self, now: float) -> Job[None]:
        job = self._job
        if job is not None and self._of is not None and self._of[0] != self._learned[0]:
            job = None  # the state that it is of was replaced since
        if job is None:
            self._at, self._of, self._working = now, self._learned, 0
            job = self._job = campaigns(self._engine, now)
        try:
            worked = next(job)
            self._working += worked
            yield worked
        except StopIteration as done:
            self._found, self._job = done.value, None
            self._worked, self._whose = self._working, ref(self._engine.learner)
        except BaseException:
            self.drop()
            raise

    def drop(self) -> None:
        """Put them together anew for whoever asks next: somebody has ordered something."""
        self._of = self._job = None
        self.drops += 1

    @property
    def _learned(self) -> tuple[ReferenceType[Learner], int]:
        learner = self._engine.learner
        return ref(learner), learner.learned

    def _is_stale(self, now: float) -> bool:
        if self._job is not None or self._of is None:
            return True
        if self._of == self._learned:
            return False
        return self._of[0] != self._learned[0] or abs(now - self._at) >= lasts(FRESH, self._worked)
