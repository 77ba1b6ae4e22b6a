"""The groups that are due to be examined, one after the other, a piece at a time."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator

from distillgate.campaign.evidence import Evidence
from distillgate.campaign.examine import ExamineSettings
from distillgate.campaign.group import Group
from distillgate.campaign.jobs import Job, run_slice


class Queue:
    """Groups that wait; the first is being examined."""

    def __init__(
        self, examine: Callable[[Group, float], Job[Evidence]], settings: ExamineSettings
    ) -> None:
        self._examine = examine
        self._settings = settings
        self._waiting: deque[Group] = deque()
        self._under_way: Job[Evidence] | None = None

    def __len__(self) -> int:
        return len(self._waiting)

    def __iter__(self) -> Iterator[Group]:
        return iter(self._waiting)

    @property
    def at_rest(self) -> bool:
        """Return whether no examination is under way."""
        return self._under_way is None

    def add(self, group: Group) -> None:
        """Let a group wait, where it is due and does not yet."""
        if group.is_due and not group.queued:
            group.queued = True
            self._waiting.append(group)

    def restore(self, groups: Iterable[Group]) -> None:
        """Let groups wait that did when they were written."""
        self._waiting.extend(groups)

    def examine_next(self, now: float) -> Group | None:
        """Work a little on the first; return it when it is examined."""
        if not self._waiting:
            return None
        group = self._waiting[0]
        try:
            self._under_way = self._under_way or self._examine(group, now)
            evidence = run_slice(self._under_way)
        except Exception:
            self._end(group)  # or the others would wait behind it for ever
            raise
        if evidence is None:
            return None
        group.evidence = evidence
        self._end(group)
        return group

    def _end(self, group: Group) -> None:
        """Take a group off, and set when it is due again."""
        self._waiting.popleft()
        self._under_way, group.queued = None, False
        group.wait(self._settings.first_exchanges, self._settings.growth)
