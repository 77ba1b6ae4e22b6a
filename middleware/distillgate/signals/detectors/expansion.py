"""Do short tasks come back as long answers, and is the output cap used to its limit?

Honest heavy work mostly compresses (a long record to a short label); a harvest expands. Novelists,
tutors and programmers expand too, so it says little.
"""

from distillgate.account.account import Account
from distillgate.account.texts import Count
from distillgate.settings import Positive
from distillgate.signals.rates import RateSettings, weigh
from distillgate.signals.signal import Doubt, Family, Signal

_DOUBT = Doubt(
    "writers, tutors and programmers get long answers to short questions too",
    "answers are asked for at the length that is needed, or work comes with its material",
)


class ExpansionSettings(RateSettings):
    """How little it weighs."""

    honest: Positive = 0.25
    """Mean share among honest accounts."""
    harvest: Positive = 0.85
    """Mean share among harvesting accounts."""


def expansion(
    account: Account,
    settings: ExpansionSettings,
    now: float,  # noqa: ARG001
) -> Signal | None:
    """Weigh the share of short tasks with long answers, or of caps used up: the larger counts."""
    texts = account.texts
    if texts is None:
        return None
    expanded, capped, of = texts[Count.EXPANDED], texts[Count.CAPPED], texts[Count.ANSWERED]
    llr = weigh(max(expanded, capped), of, settings)
    if llr is None:
        return None
    text = (
        f"{expanded / of:.0%} of its questions were short and got long answers, "
        f"{capped / of:.0%} used their output cap up"
    )
    return Signal("expansion", Family.CONTENT, llr, text, _DOUBT)
