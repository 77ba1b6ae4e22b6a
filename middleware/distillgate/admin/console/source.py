"""Where the console's figures come from: an engine, and the history beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from distillgate.account.account import Account
from distillgate.campaign.jobs import Item, Job
from distillgate.engine.engine import Engine
from distillgate.governance.outcomes import Outcomes
from distillgate.oversight.roll import Roll
from distillgate.policy.enforcement import ACTED_ON
from distillgate.telemetry.history import History

Document = dict[str, Any]
"""What one page shows, as JSON has it. A page shows no figure that is not in its document."""

AT_ONCE = 64
"""Accounts looked at between two pauses, at a microsecond each."""


def even(items: list[Item], most: int) -> list[Item]:
    """Return so many items at most, evenly spread over the list."""
    return items[:: max(1, -(-len(items) // most))]


@dataclass(frozen=True, slots=True)
class Source:
    """One engine as it stands at `now`. Belongs to the engine's event loop."""

    engine: Engine
    history: History
    now: float
    mode: str
    roll: Roll
    outcomes: Outcomes = field(default_factory=Outcomes)
    """What clients got of late."""
    losing: Sequence[str] = ()
    """What is to be written and is not."""
    more: Mapping[str, Any] = field(default_factory=dict)
    """What else the gate says of itself."""

    def standing(self, account: Account) -> str:
        """Return how an account stands: `acted on`, `judged`, `pardoned`, `exempt` or `free`."""
        if account.lifted_until > self.now or account.pardoned_until > self.now:
            return "pardoned"
        if account.restriction < 0:
            return "exempt"
        if account.restriction and account.held_until > self.now:
            acted_on = self.mode == "enforce" and account.restriction >= ACTED_ON
            return "acted on" if acted_on else "judged"
        return "free"

    def row(self, account: Account) -> Document:
        """Return what every list of accounts shows of one: whose it is, and how it stands."""
        return {
            "account": account.name,
            "organisation": account.organisation,
            "plan": account.plan,
            "standing": self.standing(account),
            "risk": account.risk,
            "label": self.label(account.name),
        }

    def label(self, name: str) -> str:
        """Return what a person found of an account, empty where nobody looked."""
        found = self.engine.state.labels.of(name)
        return "" if found is None else found.says

    def accounts(self) -> Job[list[Account]]:
        """Return every account that is remembered."""
        found: list[Account] = []
        for account in self.engine.state.accounts:
            found.append(account)
            if not len(found) % AT_ONCE:
                yield AT_ONCE
        return found
