"""What became of a drill's exchanges, a row for each scenario."""

from collections import Counter
from dataclasses import dataclass, field

from distillgate_lab.drill.answer import Answer, Fate


@dataclass(slots=True)
class Row:
    """The sums of one scenario."""

    accounts: set[str] = field(default_factory=set)
    restricted: set[str] = field(default_factory=set)
    """Accounts that were held back, ever."""
    fates: Counter[Fate] = field(default_factory=Counter)
    first: int | None = None
    """Exchanges before the first restriction; None where there was none."""
    said: Counter[str] = field(default_factory=Counter)
    """What headers and error codes said."""

    @property
    def exchanges(self) -> int:
        """Exchanges that were sent."""
        return self.fates.total() - self.fates[Fate.HELD]

    def enter(self, account: str, answer: Answer) -> None:
        """Enter one exchange."""
        if answer.fate.restricts:
            if self.first is None:
                self.first = self.exchanges
            self.restricted.add(account)
        self.accounts.add(account)
        self.fates[answer.fate] += 1
        if answer.said:
            self.said[answer.said] += 1
