"""What people found of accounts when they looked: kept, to measure the evidence by."""

from collections.abc import Iterator
from typing import Literal, TypeAlias

from distillgate.records import FrozenRecord

Says: TypeAlias = Literal["confirmed", "honest", "unsure"]
SAYS: tuple[Says, ...] = ("confirmed", "honest", "unsure")
"""One of a campaign; a customer; somebody looked and could not tell."""
MOST = 50_000
"""Labels that are kept; beyond it the oldest goes."""


class Label(FrozenRecord, frozen=True):
    """What one person found of one account."""

    account: str
    says: Says
    at: float
    by: str
    reason: str = ""
    campaign: str = ""
    """The campaign that was looked at, if it was one."""


class Labels:
    """The latest label of each account."""

    def __init__(self) -> None:
        self._held: dict[str, Label] = {}

    def __len__(self) -> int:
        return len(self._held)

    def __iter__(self) -> Iterator[Label]:
        return iter(list(self._held.values()))

    def of(self, account: str) -> Label | None:
        """Return an account's label."""
        return self._held.get(account)

    def set(self, label: Label) -> None:
        """Keep a label in place of the account's earlier one."""
        self._held.pop(label.account, None)
        self._held[label.account] = label
        if len(self._held) > MOST:
            del self._held[next(iter(self._held))]

    def drop(self, account: str) -> None:
        """Forget an account's label."""
        self._held.pop(account, None)
