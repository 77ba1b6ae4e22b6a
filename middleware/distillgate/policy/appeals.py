"""What customers answered to a refusal, until a person has looked and for a while after."""

from collections.abc import Iterator
from typing import Literal, TypeAlias

from msgspec.structs import replace

from distillgate.records import FrozenRecord

Outcome: TypeAlias = Literal["", "pardon", "keep"]
MOST = 10_000
"""Appeals that are kept; beyond it no new one is taken."""
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


class Appeals:
    """The appeals there are: one a refusal."""

    def __init__(self) -> None:
        self._held: dict[str, Appeal] = {}

    def __len__(self) -> int:
        return len(self._held)

    def __iter__(self) -> Iterator[Appeal]:
        return iter(list(self._held.values()))

    def of(self, reference: str, now: float) -> Appeal | None:
        """Return what was written to a refusal."""
        found = self._held.get(reference)
        return found if found is not None and now < found.until else None

    def waiting(self, now: float) -> list[Appeal]:
        """Return those without an answer, the oldest first."""
        found = [one for one in self._held.values() if not one.outcome and now < one.until]
        return sorted(found, key=lambda one: (one.at, one.reference))

    def takes(self, reference: str, account: str, now: float) -> bool:
        """Return whether one more may come."""
        if self.of(reference, now) is not None or len(self._held) >= MOST:
            return False
        return sum(one.account == account for one in self.waiting(now)) < WAITING

    def add(self, appeal: Appeal) -> None:
        """Keep an appeal; those whose time is over go."""
        self._held = {name: one for name, one in self._held.items() if one.until > appeal.at}
        self._held.setdefault(appeal.reference, appeal)

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
