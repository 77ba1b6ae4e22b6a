"""One budget for all accounts of one actor: the measure that having more accounts does not undo.

Past its budget an actor is not stopped: its accounts draw on one pool of output tokens, which gives
a thirtieth of the budget a day until twice the budget is gone. Each has a floor of its own beside
it, so that somebody wrongly counted in is not starved by the others: whole where the evidence has
only just reached a restriction, smaller with every nat, and nothing once two families agree on
degrading. Tokens are reserved before a request goes on and settled when its usage is known, so that
parallel requests cannot all pass on the same rest.
"""

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from typing import ClassVar, NamedTuple

import msgspec

from distillgate.account.account import Account
from distillgate.account.bucket import Bucket, Buckets
from distillgate.account.windows import DAY
from distillgate.campaign.keys import code_of
from distillgate.policy.charge import FLOOR, POOL, Debit
from distillgate.policy.decision import Action
from distillgate.policy.ladder import LadderSettings
from distillgate.records import Record, batched, decoder, encode
from distillgate.settings import Positive, Settings

_POOLS = 20_000


class GroupBudgetSettings(Settings):
    """Output tokens that restricted accounts still get: as one actor, and each at least."""

    refill: Positive = 1 / 30
    """Share of an actor's budget (`signals.work_list`) that all its accounts together still get a
    day in output tokens, once it is past it and until it has taken twice as much."""
    floor_per_day: Positive = 4_000.0
    """Output tokens a day each account gets before it draws on the pool, where risk has only just
    reached `policy.ladder.throttle`; it shrinks evenly up to `policy.ladder.degrade`."""
    least_floor: ClassVar[float] = 0.1
    """Share of the floor that stays while the account is no more than throttled."""


class Left(NamedTuple):
    """What is left to a restricted account."""

    floor: float
    """Share of its own floor."""
    refill: float
    """Output tokens a day that each of its pools gives."""


class Pool(Record):
    """What one actor has used, and how many exchanges it was restricted for."""

    key: str
    buckets: Buckets = msgspec.field(default_factory=Buckets)
    restricted: int = 0
    """Exchanges since it was first restricted."""

    @property
    def name(self) -> str:
        """The name that debits are counted under, as an account has one."""
        return self.key


class Pools:
    """The pools of all actors, bounded; beyond the bound the longest unused is forgotten."""

    def __init__(self) -> None:
        self._pools: OrderedDict[str, Pool] = OrderedDict()

    def of(self, account: Account, groups: tuple[int, ...]) -> tuple[Pool, ...]:
        """Return the pools an account draws on: of every group that it acts with, or its own.

        Of every group, because one ring shares a prompt and a network and a card, and is one actor
        in each of them. Learns nothing: a pool that is not known yet is an empty one.
        """
        keys = [code_of(key) for key in groups] or [f"a-{account.principal:016x}"]
        return tuple([self._pools.get(key) or Pool(key) for key in keys])

    def use(self, keys: Iterable[str]) -> tuple[Pool, ...]:
        """Return the pools with these keys, made where they are not known, as used."""
        found = []
        for key in keys:
            pool = self._pools.setdefault(key, Pool(key))
            self._pools.move_to_end(key)
            found.append(pool)
        while len(self._pools) > _POOLS:
            self._pools.popitem(last=False)
        return tuple(found)

    def dump(self) -> Iterator[bytes]:
        """Write all pools, the longest unused first."""
        return map(encode, batched(self._pools.values()))

    def load(self, piece: bytes) -> None:
        """Read a piece of what `dump` wrote."""
        self._pools.update((pool.key, pool) for pool in _READ(piece))


def offers(output: float, left: Left, settings: GroupBudgetSettings) -> Iterator[Debit]:
    """Yield what a restricted exchange may be charged to; the first that fits counts."""
    if left.floor > 0:
        yield Debit(FLOOR, Bucket(settings.floor_per_day * left.floor, DAY), output)
    if left.refill > 0:
        yield Debit(POOL, Bucket(left.refill, DAY), output)


def floor(
    risk: float, action: Action, ladder: LadderSettings, settings: GroupBudgetSettings
) -> float:
    """Return the share of the floor that an account with this risk keeps, in [0, 1]."""
    if action > Action.THROTTLE:
        return 0.0
    width = max(ladder.degrade - ladder.throttle, 1e-9)
    return min(1.0, max(settings.least_floor, (ladder.degrade - risk) / width))


_READ = decoder(list[Pool])
