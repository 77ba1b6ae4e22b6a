"""One budget for all accounts of one actor: the measure that having more accounts does not undo.

Linked accounts draw on one pool of output tokens. Each has a floor of its own beside it, so that
somebody wrongly counted in is not starved by the others: whole where the evidence has only just
reached a restriction, smaller with every nat, and nothing once two families agree on degrading.
Tokens are reserved before a request goes on and settled when its usage is known, so that parallel
requests cannot all pass on the same rest.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from cachetools import LRUCache
from pydantic import Field

from distillgate.account.account import Account
from distillgate.account.bucket import Bucket, Buckets
from distillgate.account.windows import DAY
from distillgate.durable.changed import Changed
from distillgate.policy.decision import Action
from distillgate.policy.ladder import LadderSettings
from distillgate.settings import Positive, Settings

_POOLS = 20_000
_POOL, _FLOOR = "pool", "floor"


class GroupBudgetSettings(Settings):
    """Output tokens that restricted accounts still get: as one actor, and each at least."""

    output_tokens: Positive = 120_000.0
    """Output tokens one actor gets in `days`, all its accounts together. It begins full (soft
    first) and comes back evenly."""
    days: Positive = 30.0
    """Days in which the pool comes back."""
    floor_per_day: Positive = 4_000.0
    """Output tokens a day each account gets before it draws on the pool, where risk has only just
    reached `policy.ladder.throttle`; it shrinks evenly up to `policy.ladder.degrade`."""
    least_floor: float = Field(default=0.1, ge=0, le=1)
    """Share of the floor that stays while the account is no more than throttled."""


class Pool:
    """What one actor has used, and how many exchanges it was restricted for."""

    __slots__ = ("buckets", "key", "restricted")

    def __init__(self, key: str) -> None:
        self.key = key
        self.buckets = Buckets()
        self.restricted = 0
        """Exchanges since it was first restricted."""


class Pools:
    """The pools of all actors, bounded; beyond the bound the longest unused is forgotten."""

    layout = "Pool"

    def __init__(self) -> None:
        self.changed: Changed[str] = Changed()
        self._pools: LRUCache[str, Pool] = LRUCache(_POOLS)

    def of(self, account: Account, groups: tuple[int, ...]) -> tuple[Pool, ...]:
        """Give the pools an account draws on: of every group that it acts with, or its own.

        Of every group, because one ring shares a prompt and a network and a card, and is one actor
        in each of them.
        """
        keys = [f"g-{key:016x}" for key in groups] or [f"a-{account.unit:016x}"]
        found = []
        for key in keys:
            pool = self._pools.get(key)
            if pool is None:
                if len(self._pools) >= _POOLS:
                    self.changed.add(self._pools.popitem()[0])
                pool = self._pools[key] = Pool(key)
            found.append(pool)
        return tuple(found)

    def kept(self) -> list[str]:
        """Give every pool's key."""
        return list(self._pools)

    def dump(self, keys: Iterable[str]) -> Iterator[tuple[str, Pool | None]]:
        """Give pools as they are."""
        return ((key, self._pools.get(key)) for key in keys)

    def load(self, records: Iterable[tuple[str, Pool]]) -> None:
        """Take pools up."""
        self._pools.update(records)


class Hold(NamedTuple):
    """Output tokens reserved for one exchange: of the account's floor, or of its pools."""

    output: float
    buckets: tuple[tuple[Buckets, str, Bucket], ...]

    @property
    def of_floor(self) -> bool:
        """Whether it is of the account's own floor."""
        return self.buckets[0][1] == _FLOOR

    def settle(self, output: float | None, now: float) -> None:
        """Replace what was reserved by what was used; what is not known stays as reserved."""
        if output is not None and output != self.output:
            self._take(output - self.output, now)

    def _take(self, amount: float, now: float) -> None:
        for buckets, name, bucket in self.buckets:
            buckets.take(name, bucket, amount, now)


def reserve(
    account: Account,
    pools: tuple[Pool, ...],
    output: float,
    floor: float,
    now: float,
    settings: GroupBudgetSettings,
) -> Hold | None:
    """Reserve output tokens of the account's floor or else of its pools; None where none has them.

    `floor` is the share of the floor that is left to it.
    """
    if floor > 0:
        if account.buckets is None:
            account.buckets = Buckets()
        own = Bucket(settings.floor_per_day * floor, DAY)
        held = _reserved(output, ((account.buckets, _FLOOR, own),), now)
        if held is not None:
            return held
    shared = Bucket(settings.output_tokens, settings.days * DAY)
    return _reserved(output, tuple((pool.buckets, _POOL, shared) for pool in pools), now)


def floor(
    risk: float, action: Action, ladder: LadderSettings, settings: GroupBudgetSettings
) -> float:
    """Give the share of the floor that an account with this risk keeps, in [0, 1]."""
    if action > Action.THROTTLE:
        return 0.0
    width = max(ladder.degrade - ladder.throttle, 1e-9)
    return min(1.0, max(settings.least_floor, (ladder.degrade - risk) / width))


def _reserved(
    output: float, buckets: tuple[tuple[Buckets, str, Bucket], ...], now: float
) -> Hold | None:
    if any(used.wait(name, bucket, output, now) > 0 for used, name, bucket in buckets):
        return None
    for used, name, bucket in buckets:
        used.take(name, bucket, output, now)
    return Hold(output, buckets)
