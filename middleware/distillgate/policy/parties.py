"""Whom an exchange concerns: who is scored, who pays, and the pools of those it acts with."""

from collections.abc import Callable

from distillgate.account.account import Account
from distillgate.fingerprint.observation import Party
from distillgate.policy.group_budget import Pool
from distillgate.policy.plans import PlanSettings, PlansSettings
from distillgate.records import FrozenStruct
from distillgate.wire.exchange import Exchange

_UNLIMITED = PlanSettings()


class Named(FrozenStruct, frozen=True):
    """A party by the names that exemptions and orders give it."""

    account: str
    organisation: str | None = None
    plan: str | None = None


class Parties(FrozenStruct, frozen=True):
    """Whom an exchange concerns. Made once, where an exchange begins (`named`)."""

    account: Account
    """Who is scored."""
    payer: Account
    """Whose plan is charged: the account itself, or the one it is an end user of."""
    pools: tuple[Pool, ...] = ()
    refill: float = 0.0
    """Output tokens that the pools give a day."""
    plan: PlanSettings = _UNLIMITED
    """What the payer bought, while an exchange is judged."""
    names: tuple[Named, ...] = ()
    """Who is scored, and who pays where that is another, while an exchange is judged."""

    @property
    def plan_name(self) -> str:
        """What the payer's plan is called."""
        return (self.names[0].plan if self.names else None) or "default"

    @property
    def organisation(self) -> str | None:
        """The organisation whose principal the exchange counts for; an end user has none."""
        return self.names[0].organisation


def named(exchange: Exchange, plan: PlanSettings, hash_: Callable[[str], int]) -> tuple[Named, ...]:
    """Name who is scored, and behind it who pays where that is another.

    Another is scored only where the plan declares its accounts multi-tenant: anybody can write an
    end user into a request. An end user is its own principal, whatever organisation the account
    belongs to, and its name is hashed; what is declared or ordered of the account covers its end
    users. A trusted header's end user counts before the request's own (`user` and
    `safety_identifier`, or Anthropic's `metadata.user_id`).
    """
    payer = Named(exchange.account, exchange.organisation, exchange.plan)
    if not plan.multi_tenant:
        return (payer,)
    user = exchange.attributes.end_user or exchange.request.end_user
    if not user:
        return (payer,)
    mark = hash_(f"{exchange.account}\0{user}")
    return (Named(f"{exchange.account}/{mark:016x}", None, exchange.plan), payer)


def by_itself(account: Account, plans: PlansSettings) -> Parties:
    """Return an account as who is scored and pays, by what it last said of itself."""
    return Parties(account, account, plan=plans.of(account.plan), names=names_of(account))


def names_of(account: Account) -> tuple[Named, ...]:
    """Return the names that exemptions and orders give an account, by what it last said."""
    return (Named(account.name, account.organisation, account.plan),)


def party(account: Account, plan: str | None) -> Party:
    """Name an account as entries do."""
    return Party(account.name, account.principal, plan, account.first_seen)


def paying(parties: Parties) -> Party | None:
    """Name who pays, where that is another account."""
    account, payer = parties.account, parties.payer
    return party(payer, payer.plan) if payer is not account else None
