"""Who is acted on: roll-out by degrees, a share left alone, and an onset nobody can time.

What is not enforced is judged, logged and counted as if it were not, so that an operator sees what
the restriction would have done.
"""

import hashlib
from collections.abc import Mapping

from pydantic import Field

from distillgate.account.account import Account
from distillgate.policy.group_budget import Pool
from distillgate.settings import Settings


class KeyedRandom:
    """Draws shares of one from what is named; the same name always gives the same share."""

    def __init__(self, secret: bytes) -> None:
        self._key = hashlib.blake2b(secret, digest_size=32, person=b"dg-draw").digest()

    def share(self, *of: object) -> float:
        """Draw from [0, 1), evenly, by what is named.

        Names may hold what clients write (a request's reference): without the key they cannot
        choose one that draws well.
        """
        named = "\0".join(map(str, of)).encode("utf-8", "surrogatepass")
        digest = hashlib.blake2b(named, key=self._key, digest_size=8).digest()
        # 53 bits: as a float, the largest share would otherwise round up to one.
        return (int.from_bytes(digest) >> 11) / 2**53


ACTED_ON = 100
"""From this on `Account.restriction` says that it was acted on."""


WHY_NOT: Mapping[str, str] = {
    "shadow": "the gate is in shadow mode",
    "killed": "an operator ended all enforcement",
    "exempt": "somebody's word stands against it",
    "hold_out": "it is one of the share that is left alone (`policy.enforcement.hold_out`)",
    "held": "it was never acted on, and the evidence has gone",
    "rollout": "its actor is not in the roll-out yet (`policy.enforcement.rollout`)",
    "onset": "its actor has not sent enough since the evidence sufficed (`onset_exchanges`)",
}
"""In words, why a restriction is not acted on."""


class EnforcementSettings(Settings):
    """How much of enforce mode is enforced. Every choice is a keyed hash: stable, not chosen."""

    rollout: float = Field(default=1.0, ge=0, le=1)
    """Share of actors (groups, or accounts alone) that are acted on. Raising it keeps those who
    were: a roll-out goes by 0.05, 0.25, 1."""
    hold_out: float = Field(default=0.0, ge=0, le=1)
    """Share of restricted accounts left alone, to measure what restricting does to customers."""
    onset_exchanges: float = Field(default=2000.0, ge=0)
    """An actor is acted on a number of exchanges after its evidence sufficed, drawn from 0 to this
    many: or its first refusal would show where the threshold lies. About as many as a prober has;
    it costs half of that in answers for each campaign, so where campaigns are small, lower it."""


def not_enforced(
    account: Account,
    pools: tuple[Pool, ...],
    draw: KeyedRandom,
    settings: EnforcementSettings,
    *,
    held: bool = False,
) -> str:
    """Return why a restriction is not acted on (`hold_out`, `held`, `rollout`, `onset`); empty: it
    is.

    Where several groups hold an account, the one restricted the longest decides. Who was acted on
    already has no onset before it: a restriction that is only held on to, or a group that came
    back, would begin another, and there is nothing left to hide from its first refusal. Who is
    `held` without evidence that suffices draws nothing: what was done for the evidence goes on.
    """
    if draw.share("hold-out", account.name) < settings.hold_out:
        return "hold_out"
    acted_on = account.restriction >= ACTED_ON
    if held:
        return "" if acted_on else "held"
    pool = max(pools, key=lambda pool: pool.restricted)
    if draw.share("rollout", pool.key) >= settings.rollout:
        return "rollout"
    if acted_on:
        return ""
    if pool.restricted < settings.onset_exchanges * draw.share("onset", pool.key):
        return "onset"
    return ""
