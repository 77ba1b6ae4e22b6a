"""Is one credential used from many networks and by many clients? Advisory AA26-251A, indicator 3.

A team's key in CI is, and an application on phones; an office behind one address is one network.
"""

from distillgate.account.account import Account
from distillgate.account.conduct import Word
from distillgate.account.windows import DAY
from distillgate.signals.levels import Level, LevelSettings, level_llr
from distillgate.signals.signal import Doubt, Family, Signal

_DOUBT = Doubt(
    "a team's key in CI, and an application on people's phones, come from everywhere too",
    "each user or machine has a key of its own, or requests name their end users",
)


class ManyClientsSettings(LevelSettings):
    """How networks and clients of one account are weighed."""

    honest: Level = Level(mean=2.0, sd=1.8)
    """Networks (/24, or /48 of IPv6) of an honest account in a week: four, and seldom fifty."""
    harvest: Level = Level(mean=5.0, sd=1.2)
    """Networks of a key behind a relay or shared by a pool: thirty and more."""
    ceiling: float = 0.5
    """Highest weight, in nats."""
    agents: float = 4.0
    """Different clients below which it is one program on many machines."""


def many_clients(
    account: Account,
    settings: ManyClientsSettings,
    now: float,
) -> Signal | None:
    """Weigh how many networks and clients used the account within a week."""
    conduct = account.conduct
    if conduct is None or conduct.words[Word.DECLARED]:
        return None
    networks = conduct.different(Word.NETWORKS, 2)
    if networks <= 2**settings.honest.mean:
        return None
    agents = conduct.different(Word.AGENTS, 2)
    llr = level_llr(networks, settings) if agents >= settings.agents else 0.0
    if llr <= 0.0:
        return None
    text = (
        f"one credential from about {networks:.0f} networks and {agents:.0f} different clients "
        "within a week"
    )
    until = account.last_seen
    since = max(account.first_seen, until - 7 * DAY)
    return Signal(
        "many_clients", Family.CONDUCT, llr, text, _DOUBT, since, min(now, account.last_seen)
    )
