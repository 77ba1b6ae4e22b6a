"""When an account is used: hours of the day, days, its first hour against its busiest."""

from distillgate.account.conduct import Conduct, ConductSettings, Trait, Word
from distillgate.account.windows import HOUR

BUSY_DAY = 48
"""Requests from which a day shows whether there was a rest."""
SLEEPLESS_HOURS = 20
"""Hours with requests in a day without a rest."""
_WEEK = (
    (Word.NETWORKS, 2),
    (Word.AGENTS, 2),
    (Word.SYSTEMS, 2),
    (Word.SCRIPTS, 1),
    (Word.DECLARED, 1),
)
"""What is begun anew every seventh day."""


def learn_rhythm(
    conduct: Conduct, tokens: int, plan: str | None, now: float, settings: ConductSettings
) -> None:
    """Add one request to the day and the hour; close the day before."""
    words, day = conduct.words, conduct.day(now)
    if day > words[Word.DAY]:
        _close(conduct, plan, now, settings)
        conduct.fade(day - words[Word.DAY])
        if day // 7 > words[Word.DAY] // 7:
            conduct.clear(_WEEK)
        words[Word.DAY] = day
        words[Word.HOURS] = words[Word.TODAY] = words[Word.TOKENS] = 0
    words[Word.HOURS] |= 1 << int(now // HOUR) % 24
    conduct.add(Word.TODAY, 1)
    conduct.add(Word.TOKENS, tokens)
    _hour(conduct, now)


def _close(conduct: Conduct, plan: str | None, now: float, settings: ConductSettings) -> None:
    words = conduct.words
    if words[Word.TODAY] >= BUSY_DAY:
        rested = words[Word.HOURS].bit_count() < SLEEPLESS_HOURS
        conduct.count(Trait.SLEEPLESS, not rested, now)
    if plan is not None:
        much = settings.plan_tokens.get(plan, settings.heavy_tokens)
        conduct.count(Trait.HEAVY, words[Word.TOKENS] > much, now)


def _hour(conduct: Conduct, now: float) -> None:
    words, hour = conduct.words, conduct.seconds(now) // int(HOUR)
    if hour == 0:
        conduct.add(Word.FIRST_HOUR, 1)
    if hour > words[Word.HOUR]:
        words[Word.HOUR], words[Word.THIS_HOUR] = hour, 0
    conduct.add(Word.THIS_HOUR, 1)
    words[Word.BUSIEST_HOUR] = max(words[Word.BUSIEST_HOUR], words[Word.THIS_HOUR])
