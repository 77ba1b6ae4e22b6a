"""Accounts that act for many: each end user is scored alone, the account pays."""

from collections.abc import Callable
from dataclasses import replace

from distillgate.policy.plans import PlanSettings
from distillgate.wire.exchange import Exchange


def scored(exchange: Exchange, plan: PlanSettings, hash_: Callable[[str], int]) -> Exchange:
    """Return the exchange under the name of whom it is scored as.

    Only a plan that declares its accounts multi-tenant changes that: anybody can write an end user
    into a request. An end user is its own principal, whatever organisation the account belongs to,
    and its name is hashed; an exemption of the account covers its end users. A trusted header's end
    user counts before the request's own (`user` and `safety_identifier`, or Anthropic's
    `metadata.user_id`).
    """
    if not plan.multi_tenant:
        return exchange
    user = exchange.attributes.end_user or exchange.request.end_user
    if not user:
        return exchange
    mark = hash_(f"{exchange.account}\0{user}")
    name = f"{exchange.account}/{mark:016x}"
    return replace(exchange, account=name, organisation=None, paid=exchange)
