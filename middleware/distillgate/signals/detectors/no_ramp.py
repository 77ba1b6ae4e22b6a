"""Did a new account begin at full throughput? Advisory AA26-251A, indicator 2.

A workload that was moved here does so too. It is one observation of an account, however long it
lasts, and it fades as the account ages.
"""

import math

from distillgate.account.account import Account
from distillgate.account.conduct import Word
from distillgate.account.windows import DAY, HOUR
from distillgate.signals.detector import Finding, Reads, detector
from distillgate.signals.signal import Doubt, Family

_HONEST = 0.2
"""Share of honest new accounts with as many requests that begin at full rate: migrations."""
_HARVEST = 0.4
"""The same of accounts that harvest. Judged from the advisory, not fitted."""
_REQUESTS = 60
"""Requests in the first hour that are much for a new account."""
_FULL = 0.5
"""Share of its busiest hour that a first hour at full rate reaches."""
_NEW_DAYS = 2.0
"""Days since it was opened within which an account begins; an older one comes back."""
_HALF_LIFE_DAYS = 7.0
"""Half-life of this evidence."""


@detector(
    Family.CONDUCT,
    "whether a new account begins at full rate; fades in weeks",
    Doubt(
        "a workload moved here from elsewhere begins at its full rate too",
        "time: it fades by half in a week",
    ),
    reads=Reads.CONDUCT,
    indicator=2,
)
def no_ramp(account: Account, now: float) -> Finding | None:
    """Weigh a first hour that was as busy as any since."""
    conduct = account.conduct
    if conduct is None or conduct.words[Word.FIRST_HOUR] < _REQUESTS:
        return None
    if account.created is None or account.first_seen - account.created > _NEW_DAYS * DAY:
        return None
    first, busiest = conduct.words[Word.FIRST_HOUR], conduct.words[Word.BUSIEST_HOUR]
    if first < _FULL * busiest:
        return None
    age = max(0.0, now - account.first_seen) / DAY
    llr = math.log(_HARVEST / _HONEST) * 0.5 ** (age / _HALF_LIFE_DAYS)
    text = (
        f"{first} requests in the account's first hour, {busiest} in its busiest: "
        "it began at full rate"
    )
    since = account.first_seen
    return Finding(llr, text, since, min(now, since + HOUR))
