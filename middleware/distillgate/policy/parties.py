"""Whom an exchange concerns."""

from typing import NamedTuple

from distillgate.account.account import Account
from distillgate.policy.group_budget import Pool
from distillgate.policy.plans import PlanSettings

_UNLIMITED = PlanSettings()


class Parties(NamedTuple):
    """Whom an exchange concerns: who is scored, who pays, and the pools of whom it acts with."""

    account: Account
    payer: Account
    """Whose plan is charged: the account itself, or the one it is an end user of."""
    pools: tuple[Pool, ...] = ()
    refill: float = 0.0
    """Output tokens that the pools give a day."""
    plan: PlanSettings = _UNLIMITED
    """What the payer bought, while an exchange is judged."""
