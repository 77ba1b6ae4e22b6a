"""Where the console's figures come from: an engine, and the history beside it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from distillgate.account.account import Account
from distillgate.campaign.steps import Steps
from distillgate.engine.engine import Engine
from distillgate.governance.outcomes import Outcomes
from distillgate.policy.enforcement import ACTED_ON
from distillgate.risk.actor import Actor
from distillgate.telemetry.history import History

Document = dict[str, Any]
"""What one page shows, as JSON has it. A page shows no figure that is not in its document."""

_AT_ONCE = 64
"""Accounts looked at between two pauses."""


@dataclass(frozen=True, slots=True)
class Source:
    """One engine as it stands at `now`. Belongs to the engine's event loop."""

    engine: Engine
    history: History
    now: float
    mode: str
    outcomes: Outcomes = field(default_factory=Outcomes)
    """What clients got of late."""
    losing: Sequence[str] = ()
    """What is to be written and is not."""
    more: Mapping[str, Any] = field(default_factory=dict)
    """What else the gate says of itself."""

    def actors(self) -> Iterator[Actor]:
        """Return the groups that one operator feeds, the most surely linked first."""
        state = self.engine.state
        known = [actor for key in list(state.actors) if (actor := state.actor(key)) is not None]
        return iter(sorted(known, key=lambda actor: (-actor.group.link, actor.group.code)))

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

    def accounts(self) -> Steps[list[Account]]:
        """Return every account that is remembered, so that one list serves a whole page."""
        found: list[Account] = []
        for account in self.engine.state.accounts:
            found.append(account)
            if not len(found) % _AT_ONCE:
                yield 1
        return found
