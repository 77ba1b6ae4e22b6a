"""Who is left alone, why, and until when."""

from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Literal

from distillgate.policy.parties import Named
from distillgate.settings import Settings


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


def exemption(parties: Iterable[Named], listed: list[Exemption], now: float) -> Exemption | None:
    """Find the exemption that covers who is scored, or who pays."""
    for candidate in listed:
        if candidate.expires is not None and now >= candidate.expires:
            continue
        if any(_covers(candidate, party) for party in parties):
            return candidate
    return None


def _covers(candidate: Exemption, party: Named) -> bool:
    return (
        fnmatchcase(party.account, candidate.account)
        and fnmatchcase(party.organisation or "", candidate.organisation)
        and fnmatchcase(party.plan or "", candidate.plan)
    )
