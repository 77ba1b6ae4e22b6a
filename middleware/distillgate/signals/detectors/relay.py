"""Does one key carry the traffic of unrelated people? Advisory AA26-251A, indicator 5.

Conversations interleave, instructions and scripts have nothing to do with each other, and nobody is
named as their end user. A product with many customers names them, or gives all one instruction.
"""

from distillgate.account.account import Account
from distillgate.account.conduct import Trait, Word
from distillgate.account.windows import DAY
from distillgate.signals.detector import Finding, Reads, detector
from distillgate.signals.levels import Level, level_llr
from distillgate.signals.signal import Doubt, Family

_HONEST = Level(mean=2.0, sd=1.5)
"""Different instructions times scripts of an honest account in a week: a few."""
_HARVEST = Level(mean=5.5, sd=1.2)
"""The same of a key that is resold: dozens."""
_CEILING = 0.6
"""Highest weight, in nats."""
_INTERLEAVED = 0.3
"""Share of continued conversations that are not the latest, below which it is one person's."""
_CONTINUED = 16.0
"""Continued conversations below which nothing is said."""


@detector(
    Family.CONDUCT,
    "whether unrelated conversations interleave on one key, with nobody named",
    Doubt(
        "a company's gateway, or a product whose customers write their own instructions, does so "
        "too",
        "requests name their end users, or the account is declared a gateway by its plan",
    ),
    reads=Reads.CONDUCT,
    indicator=5,
)
def relay(account: Account, now: float) -> Finding | None:
    """Weigh how unrelated the conversations are that interleave on one account."""
    conduct = account.conduct
    if conduct is None or conduct.words[Word.DECLARED]:
        return None
    tally = conduct.tally(Trait.INTERLEAVED, now)
    if tally is None or tally.trials < _CONTINUED or tally.share < _INTERLEAVED:
        return None
    systems = conduct.different(Word.SYSTEMS, 2)
    scripts = conduct.words[Word.SCRIPTS].bit_count()
    llr = level_llr(max(1.0, systems) * scripts, _HONEST, _HARVEST, _CEILING)
    if llr <= 0.0:
        return None
    text = (
        f"{tally.share:.0%} of {tally.trials:.0f} continued conversations interleave, under about "
        f"{systems:.0f} different instructions and in {scripts} scripts, and no end user is named"
    )
    until = account.last_seen
    return Finding(llr, text, max(account.first_seen, until - 7 * DAY), until)
