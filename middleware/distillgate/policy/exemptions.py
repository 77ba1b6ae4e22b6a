"""Who is left alone, why, and until when."""

from fnmatch import fnmatchcase
from typing import Literal

from distillgate.settings import Settings
from distillgate.wire.exchange import Exchange


class Exemption(Settings):
    """One exemption. Patterns are shell-style; those given must all match."""

    account: str = "*"
    """The account's name, as logs give it."""
    organisation: str = "*"
    """The declared organisation; an account without one matches only `*`."""
    plan: str = "*"
    """The plan's name; an account without one matches only `*`."""
    at_most: Literal["observe", "throttle", "degrade"] = "observe"
    """The hardest action that may still be taken."""
    reason: str
    """Why: it is logged with every decision it changes."""
    expires: float | None = None
    """When it ends, in seconds since the epoch; null never."""


def exemption(exchange: Exchange, listed: list[Exemption], now: float) -> Exemption | None:
    """Find the exemption that covers an exchange, or the account that pays for it."""
    parties = (exchange,) if exchange.paid is None else (exchange, exchange.paid)
    for candidate in listed:
        if candidate.expires is not None and now >= candidate.expires:
            continue
        if any(_covers(candidate, party) for party in parties):
            return candidate
    return None


def _covers(candidate: Exemption, exchange: Exchange) -> bool:
    return (
        fnmatchcase(exchange.account, candidate.account)
        and fnmatchcase(exchange.organisation or "", candidate.organisation)
        and fnmatchcase(exchange.plan or "", candidate.plan)
    )
