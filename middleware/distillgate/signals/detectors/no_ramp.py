"""Did a new account begin at full throughput? Advisory AA26-251A, indicator 2.

A workload that was moved here does so too. It is one observation of an account, however long it
lasts, and it fades as the account ages.
"""

import math

from distillgate.account.account import Account
from distillgate.account.conduct import Word
from distillgate.account.windows import DAY, HOUR
from distillgate.settings import Settings
from distillgate.signals.signal import Doubt, Family, Signal

_DOUBT = Doubt(
    "a workload moved here from elsewhere begins at its full rate too",
    "time: it fades by half in a week",
)


class NoRampSettings(Settings):
    """How a beginning at full rate is weighed."""

    honest: float = 0.2
    """Share of honest new accounts with as many requests that begin at full rate: migrations."""
    harvest: float = 0.4
    """The same of accounts that harvest. Judged from the advisory, not fitted."""
    requests: int = 60
    """Requests in the first hour that are much for a new account."""
    full: float = 0.5
    """Share of its busiest hour that a first hour at full rate reaches."""
    new_days: float = 2.0
    """Days since it was opened within which an account begins; an older one comes back."""
    half_life_days: float = 7.0
    """Half-life of this evidence."""


def no_ramp(account: Account, settings: NoRampSettings, now: float) -> Signal | None:
    """Weigh a first hour that was as busy as any since."""
    conduct = account.conduct
    if conduct is None or conduct.words[Word.FIRST_HOUR] < settings.requests:
        return None
    if account.created is None or account.first_seen - account.created > settings.new_days * DAY:
        return None
    first, busiest = conduct.words[Word.FIRST_HOUR], conduct.words[Word.BUSIEST_HOUR]
    if first < settings.full * busiest:
        return None
    age = max(0.0, now - account.first_seen) / DAY
    llr = math.log(settings.harvest / settings.honest) * 0.5 ** (age / settings.half_life_days)
    text = (
        f"{first} requests in the account's first hour, {busiest} in its busiest: "
        "it began at full rate"
    )
    since = account.first_seen
    return Signal("no_ramp", Family.CONDUCT, llr, text, _DOUBT, since, min(now, since + HOUR))
