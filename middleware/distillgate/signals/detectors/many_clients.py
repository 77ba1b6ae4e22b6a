"""Is one credential used from many networks and by many clients? Advisory AA26-251A, indicator 3.

A team's key in CI is, and an application on phones; an office behind one address is one network.
"""

from distillgate.account.account import Account
from distillgate.account.conduct import Word
from distillgate.account.windows import DAY
from distillgate.signals.detector import Finding, Reads, detector
from distillgate.signals.levels import Level, level_llr
from distillgate.signals.signal import Doubt, Family

_HONEST = Level(mean=2.0, sd=1.8)
"""Networks (/24, or /48 of IPv6) of an honest account in a week: four, and seldom fifty."""
_HARVEST = Level(mean=5.0, sd=1.2)
"""Networks of a key behind a relay or shared by a pool: thirty and more."""
_CEILING = 0.5
"""Highest weight, in nats."""
_AGENTS = 4.0
"""Different clients below which it is one program on many machines."""


@detector(
    Family.CONDUCT,
    "whether one credential comes from many networks and clients",
    Doubt(
        "a team's key in CI, and an application on people's phones, come from everywhere too",
        "each user or machine has a key of its own, or requests name their end users",
    ),
    reads=Reads.CONDUCT,
    indicator=3,
)
def many_clients(account: Account, now: float) -> Finding | None:
    """Weigh how many networks and clients used the account within a week."""
    conduct = account.conduct
    if conduct is None or conduct.words[Word.DECLARED]:
        return None
    networks = conduct.different(Word.NETWORKS, 2)
    if networks <= 2**_HONEST.mean:
        return None
    agents = conduct.different(Word.AGENTS, 2)
    llr = level_llr(networks, _HONEST, _HARVEST, _CEILING) if agents >= _AGENTS else 0.0
    if llr <= 0.0:
        return None
    text = (
        f"one credential from about {networks:.0f} networks and {agents:.0f} different clients "
        "within a week"
    )
    since = max(account.first_seen, account.last_seen - 7 * DAY)
    return Finding(llr, text, since, min(now, account.last_seen))
