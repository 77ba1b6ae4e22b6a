"""Where the console's figures come from: an engine, and the history beside it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from distillgate.account.account import Account
from distillgate.campaign.steps import Steps
from distillgate.engine import Engine
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
    losing: Sequence[str] = ()
    """What is to be written and is not."""
    standing: Mapping[str, Any] = field(default_factory=dict)
    """What else the gate says of itself."""

    def actors(self) -> Iterator[Actor]:
        """Return the groups that one operator feeds, the most surely linked first."""
        state = self.engine.state
        known = [actor for key in list(state.actors) if (actor := state.actor(key)) is not None]
        return iter(sorted(known, key=lambda actor: (-actor.group.link, actor.group.code)))

    def accounts(self) -> Steps[list[Account]]:
        """Return every account that is remembered, so that one list serves a whole page."""
        found: list[Account] = []
        for account in self.engine.state.accounts:
            found.append(account)
            if not len(found) % _AT_ONCE:
                yield 1
        return found


def standing(account: Account, now: float) -> str:
    """Return in one word how an account stands: `acted on`, `judged`, `pardoned`, `free`."""
    if account.lifted_until > now or account.pardoned_until > now:
        return "pardoned"
    if account.restriction < 0:
        return "exempt"
    if account.restriction and account.held_until > now:
        return "acted on" if account.restriction >= ACTED_ON else "judged"
    return "free"
