"""What an operator asks of the engine's memory, and the little a person may change in it.

Questions about all accounts or all groups are answered in steps: a step's units are
microseconds.
"""

from heapq import nlargest
from typing import NamedTuple

from distillgate.actions.plan import Plan, stored
from distillgate.campaign.group import Group
from distillgate.campaign.jobs import Job
from distillgate.engine.engine import Engine
from distillgate.engine.entries import Order
from distillgate.policy.decision import Decision
from distillgate.risk.actor import WEIGHED, Actor, belonging
from distillgate.risk.explanation import (
    AccountExplanation,
    ActorSummary,
    GroupExplanation,
    explain_account,
    explain_group,
    summarise,
)
from distillgate.risk.fuse import fuse
from distillgate.signals.allowance import allowance
from distillgate.signals.catalog import of_group
from distillgate.wire.exchange import Exchange

_LISTED = 1000
"""Members that a group's explanation lists, and groups that a list holds, at most."""
_LOOKED_AT = 10_000
"""Accounts that share a group's key of which the members are told, at most."""


class Summary(NamedTuple):
    """The state in a few numbers."""

    accounts: int
    evicted: int
    groups: int
    actors: int


class Remembered(NamedTuple):
    """A group that was restricted, as it is remembered whether it is still there or not."""

    id: str
    """Its name, where it has one."""
    code: str
    """Its own reference, whatever people call it."""
    kind: str
    link: float
    distinct_texts: float
    first_seen: float
    restricted_at: float
    """When it last was, or was seen to be; what is held against its return fades from then."""


class Queries:
    """Answers questions about what an engine remembers. Same owner as the engine, no clock."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def summary(self) -> Summary:
        """Return the state in a few numbers."""
        state = self._engine.state
        return Summary(
            len(state.accounts), state.accounts.evicted, len(state.groups), len(state.actors)
        )

    def account(self, name: str, now: float) -> AccountExplanation | None:
        """Explain an account's evidence; None where it is not known."""
        engine, settings = self._engine, self._engine.settings
        account = engine.state.accounts.get(name)
        if account is None:
            return None
        found = engine.standing(account, now).found
        line = settings.policy.ladder.throttle
        return explain_account(account, found.risk, found.group, now, line=line)

    def stored(self, exchange: Exchange, now: float) -> tuple[Plan, Decision] | None:
        """Find what is done to an answer that the upstream kept, by how its account stands now.

        None where nothing is.
        """
        engine = self._engine
        if not engine.enforcing or not engine.knows(exchange.account):
            return None
        found, ruling, parties, _ = engine.judge(engine.parties(exchange, now), now)
        if not ruling.action.restricts:
            return None
        enforced = not ruling.not_enforced
        decision = Decision.of(parties.account.name, ruling, found.risk, enforced=enforced)
        planned = stored(exchange, decision, engine.settings.actions)
        return None if planned.edit is None else (planned, decision)

    def group(self, name: str) -> Job[GroupExplanation] | None:
        """Explain a group by its id or name; None where it is not known."""
        group = self._engine.state.groups.named(name)
        return None if group is None else self._explain(group)

    def _explain(self, group: Group) -> Job[GroupExplanation]:
        state, settings = self._engine.state, self._engine.settings
        members = yield from self._members(group)
        signals = of_group(group, settings.campaign.examine, settings.signals)
        linked = state.actor(group.key) is not None
        allowed = None
        if group.evidence is not None:
            allowed = allowance(group.evidence.taken, settings.signals.work_list)
        return explain_group(
            group,
            fuse(signals, settings.risk),
            linked=linked,
            allowance=allowed.tokens if allowed is not None else None,
            members=members,
            line=settings.policy.ladder.throttle,
        )

    def _members(self, group: Group) -> Job[tuple[str, ...]]:
        """Name the accounts of a group; of one that one operator feeds, those that belong to it.

        Others may share its key and be nobody's: an honest user is not named as a member.
        """
        state, examine = self._engine.state, self._engine.settings.campaign.examine
        linked = state.actor(group.key) is not None
        looked_at, found = 0, list[str]()
        for account in state.accounts:
            yield 1
            if account.principal not in group.rows:
                continue
            looked_at += 1
            who = state.groups.comparable(account.principal)
            if not linked or belonging(group, account, who, examine) > 0:
                found.append(account.name)
            if len(found) == _LISTED or looked_at == _LOOKED_AT:
                break
            yield WEIGHED * linked
        return tuple(found)

    def actors(self) -> Job[list[ActorSummary]]:
        """List the groups that one operator feeds: a thousand at most, the surest linked first."""
        state, settings = self._engine.state, self._engine.settings
        most: list[Actor] = []
        keys = list(state.actors)
        for at in range(0, len(keys), _LISTED):
            found = (state.actor(key) for key in keys[at : at + _LISTED])
            known = [actor for actor in found if actor is not None]
            most = nlargest(_LISTED, [*most, *known], key=lambda actor: actor.group.link)
            yield _LISTED
        listed = []
        for actor in most:
            listed.append(summarise(actor, fuse(actor.signals, settings.risk)))
            yield WEIGHED
        return listed

    def name_group(self, group: str, name: str, now: float) -> bool:
        """Name a group as a campaign. Return whether the group is known.

        Raises `ValueError` where another group has the name.
        """
        groups = self._engine.state.groups
        found = groups.named(group)
        if found is None:
            return False
        holder = groups.named(name) or groups.memory.named(name)
        if holder is not None and holder.key != found.key:
            raise ValueError(f"{name} is the name of {holder.code}")
        self._engine.order(Order(now, "name", found.key, name=name))
        return True

    def remembered(self) -> list[Remembered]:
        """List the groups that left an imprint, the latest restricted first."""
        found = [
            Remembered(
                id=one.name or one.code,
                code=one.code,
                kind=one.kind.value,
                link=one.link,
                distinct_texts=one.distinct,
                first_seen=one.first_seen,
                restricted_at=one.seen_at,
            )
            for one in self._engine.state.groups.memory
        ]
        return sorted(found, key=lambda one: -one.restricted_at)

    def forget(self, name: str, now: float) -> bool:
        """Forget what is remembered of a group that was restricted; False where nothing is.

        A group that is there is judged anew, by its own evidence alone; whom that restricts needs
        a pardon.
        """
        found = self._engine.state.groups.memory.named(name)
        if found is None:
            return False
        self._engine.order(Order(now, "forget", found.key))
        return True
