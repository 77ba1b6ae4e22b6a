"""What people ordered of single accounts and organisations: kept in the log, each with an end."""

from collections.abc import Iterator, Sequence
from typing import Literal, TypeAlias

from distillgate.policy.decision import Action
from distillgate.policy.parties import Named
from distillgate.records import FrozenRecord

Deed: TypeAlias = Literal["exempt", "observe", "restrict"]

ORDERED = "order: "
"""How `Decision.by` begins where a directive decided; the reason follows."""
MOST = 10_000
"""Directives that are kept at most; beyond it a new one is refused."""


class Directive(FrozenRecord, frozen=True):
    """One order that holds until its end, whatever the evidence says."""

    subject: str
    """The account's or organisation's name."""
    whole: bool
    """It is an organisation's."""
    deed: Deed
    """Do nothing to it; log every exchange of it; or hold it to `action` at least."""
    at: float
    until: float
    by: str
    reason: str
    action: str = "throttle"

    @property
    def least(self) -> Action:
        """The mildest action that it leaves."""
        if self.deed == "exempt":
            return Action.ALLOW
        return Action.OBSERVE if self.deed == "observe" else Action[self.action.upper()]


class Directives:
    """The directives that hold; at most one of a subject, the latest."""

    def __init__(self) -> None:
        self._held: dict[tuple[bool, str], Directive] = {}

    def __len__(self) -> int:
        return len(self._held)

    def __iter__(self) -> Iterator[Directive]:
        return iter(list(self._held.values()))

    def of(self, parties: Sequence[Named], now: float) -> Directive | None:
        """Return the directive that holds: the account's, else its payer's or an organisation's."""
        if not self._held:
            return None
        keys = [(False, party.account) for party in parties]
        keys += [(True, party.organisation or "") for party in parties]
        for key in keys:
            found = self._held.get(key)
            if found is not None and now < found.until:
                return found
        return None

    def set(self, directive: Directive) -> None:
        """Let a directive hold from now on; those that have ended go."""
        self._held = {k: one for k, one in self._held.items() if one.until > directive.at}
        self._held[directive.whole, directive.subject] = directive

    def revoke(self, subject: str, *, whole: bool) -> Directive | None:
        """Let a subject's directive hold no more; return it, if there was one."""
        return self._held.pop((whole, subject), None)
