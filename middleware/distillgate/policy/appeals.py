"""What customers answered to a refusal, until a person has looked and for a while after."""

import math
from collections import Counter
from collections.abc import Collection, Iterator
from typing import Literal, TypeAlias

from msgspec.structs import replace

from distillgate.records import FrozenRecord

Outcome: TypeAlias = Literal["", "pardon", "keep"]
MOST = 10_000
"""Appeals that are kept; beyond it whichever side has most in the queue makes room."""
WAITING = 3
"""Appeals of one account that may wait for an answer at once."""
MAX_NOTE, MAX_CONTACT = 2000, 200
"""Characters that a customer may write, and of where to reach them."""


class Appeal(FrozenRecord, frozen=True):
    """One customer's note on one refusal."""

    reference: str
    account: str
    at: float
    until: float
    """When it is forgotten."""
    note: str
    contact: str = ""
    outcome: Outcome = ""
    """What a person decided; empty while it waits."""
    answer: str = ""
    """What the customer is told."""
    by: str = ""
    answered_at: float = 0.0
    side: str = ""
    """Whose turn it takes: that of the organisation which the account declares, else of the group
    whose evidence speaks against it; empty is its own."""

    @property
    def queue(self) -> str:
        """What its turn is counted in."""
        return self.side or f"account {self.account}"


class Appeals:
    """The appeals there are: one a refusal, and nobody's so many that others find no room."""

    def __init__(self) -> None:
        self._held: dict[str, Appeal] = {}
        self._first_end = math.inf
        """When the next of them may be forgotten."""

    def __len__(self) -> int:
        return len(self._held)

    def __iter__(self) -> Iterator[Appeal]:
        return iter(list(self._held.values()))

    def of(self, reference: str, now: float) -> Appeal | None:
        """Return what was written to a refusal."""
        found = self._held.get(reference)
        return found if found is not None and now < found.until else None

    def waiting(self, now: float) -> list[Appeal]:
        """Return those without an answer: each side's first before anybody's second.

        A campaign of thousands of accounts takes one turn where a customer takes one.
        """
        before = Counter[str]()
        turns: list[list[Appeal]] = []
        for one in self._held.values():  # as they came
            if one.outcome or now >= one.until:
                continue
            queue = one.queue
            if before[queue] == len(turns):
                turns.append([])
            turns[before[queue]].append(one)
            before[queue] += 1
        return [one for turn in turns for one in turn]

    def number(self, now: float) -> int:
        """Return how many are without an answer."""
        return sum(not one.outcome and now < one.until for one in self._held.values())

    def takes(self, appeal: Appeal) -> bool:
        """Return whether one more may come."""
        held = [one for one in self._held.values() if appeal.at < one.until]
        if any(one.reference == appeal.reference for one in held):
            return False
        if sum(one.account == appeal.account and not one.outcome for one in held) >= WAITING:
            return False
        return len(held) < MOST or _surplus(held, appeal) is not None

    def add(self, appeal: Appeal) -> None:
        """Keep an appeal; those whose time is over go, and of too many one of the largest side."""
        if appeal.at >= self._first_end:
            self._held = {name: one for name, one in self._held.items() if one.until > appeal.at}
            self._first_end = min((one.until for one in self), default=math.inf)
        if appeal.reference in self._held:
            return
        if len(self._held) >= MOST:
            surplus = _surplus(self._held.values(), appeal)
            if surplus is None:
                return
            del self._held[surplus]
        self._held[appeal.reference] = appeal
        self._first_end = min(self._first_end, appeal.until)

    def answer(self, reference: str, outcome: Outcome, text: str, by: str, now: float) -> None:
        """Keep what a person decided."""
        found = self._held.get(reference)
        if found is not None:
            self._held[reference] = replace(
                found, outcome=outcome, answer=text, by=by, answered_at=now
            )

    def drop(self, account: str) -> None:
        """Forget all that an account's customer wrote."""
        self._held = {name: one for name, one in self._held.items() if one.account != account}


def _surplus(held: Collection[Appeal], appeal: Appeal) -> str | None:
    """Return whose place an appeal takes: the latest of the largest side; None of its own."""
    sizes = Counter(one.queue for one in held)
    queue, size = max(sizes.items(), key=lambda pair: (pair[1], pair[0]))
    if size <= sizes[appeal.queue] + 1:
        return None
    return max((one.at, one.reference) for one in held if one.queue == queue)[1]
