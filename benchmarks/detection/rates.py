"""How often each detector fires on honest groups, and which groups one operator is said to feed.

A signal is a log-likelihood ratio: that it reaches x nats where there is no campaign has at most
the probability e^-x (Markov's inequality). That is the rate every detector states, unless `STATED`
says a smaller one. A detector of what one actor took says nothing of groups that nobody takes for
an actor: of those it is not asked here.
"""

import math
from collections import Counter
from collections.abc import Callable, Mapping
from typing import NamedTuple

from distillgate.engine.assessment import Asked, assess
from distillgate.engine.engine import Engine
from distillgate.signals.catalog import of_account, of_group
from distillgate.signals.signal import Family

THRESHOLD = 2.0
"""Nats from which a detector has fired."""
STATED: dict[str, float] = {}
"""Rates below e^-threshold, by signal."""
CROWD = 50
"""Independent users of one prompt that must never be taken for one operator."""
_STRAYS = 4
"""Fewer accounts of a campaign than this do not make a group the campaign's."""


class Rate(NamedTuple):
    """How often a detector fired, of how many groups or accounts."""

    fired: int
    asked: int

    def plus(self, other: "Rate") -> "Rate":
        """Give both together."""
        return Rate(self.fired + other.fired, self.asked + other.asked)


class Linked(NamedTuple):
    """One group that one operator is said to feed, as it stood in the end."""

    kind: str
    prompt: bool
    """Whether what its accounts share is text."""
    honest: int
    campaign: int
    reached: int
    """Honest accounts that its evidence reaches."""

    @property
    def wrong(self) -> bool:
        """Whether a crowd of independent users of one prompt is taken for one operator."""
        crowd = self.honest if self.campaign < _STRAYS else self.reached
        return self.prompt and crowd >= CROWD


def stated(signal: str) -> float:
    """Give the share of honest groups, or accounts, on which a detector may fire."""
    return STATED.get(signal, math.exp(-THRESHOLD))


def fires(engine: Engine) -> dict[str, Rate]:
    """Ask every detector of every group and account, and count."""
    state, settings = engine.state, engine.settings
    fired: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    for group in state.groups:
        for signal in of_group(group, settings.campaign.examine, settings.signals):
            if signal.family is Family.HARVEST and state.actor(group.key) is None:
                continue
            asked[signal.name] += 1
            fired[signal.name] += signal.llr >= THRESHOLD
    for account in state.accounts:
        for signal in of_account(account, account.last_seen, settings.signals):
            asked[signal.name] = len(state.accounts)
            fired[signal.name] += signal.llr >= THRESHOLD
    return {name: Rate(fired[name], asked[name]) for name in sorted(asked)}


def linked(
    engine: Engine,
    labels: Mapping[str, str],
    is_honest: Callable[[str], bool],
) -> list[Linked]:
    """List the groups that one operator is said to feed."""
    state = engine.state
    found = []
    for key in state.actors:
        actor = state.actor(key)
        if actor is None:
            continue
        group = actor.group
        members = [account for account in state.accounts if account.principal in group.rows]
        honest = [account for account in members if is_honest(labels[account.name])]
        reached = sum(
            assess(engine.state, engine.settings, Asked(account, (group,)), account.last_seen).group
            is group
            for account in honest
        )
        principals = len({account.principal for account in honest})
        campaign = len(members) - len(honest)
        found.append(Linked(str(group.kind), group.kind.textual, principals, campaign, reached))
    return found
