"""What may one actor take, and how far into it is it?

Counted in value tokens (`campaign.value`). What an actor may take depends on how openly it works,
never on how many accounts it has: a company pays with one card, from one office, and takes little
with each answer, while a campaign that is to outlive a ban shares nothing. The rule was fixed on
598 companies that did not declare themselves and on every kind of campaign, and measured on others
(docs/detection.md).
"""

import math
from typing import ClassVar, NamedTuple

from distillgate.campaign.evidence import Taken
from distillgate.campaign.openness import Openness
from distillgate.settings import Positive, Settings

_OPEN, _WIDE_OPEN, _OPENS = 0.2, 0.6, 3.0
"""Companies' openness is 0.82 at the median, campaigns' 0 to 0.16: from the first figure on it
doubles the budget, by the second three times."""
_CARDS, _MANY_CARDS, _CARDED = 4.0, 16.0, 0.5
"""Companies use two cards, counted by how evenly; campaigns 8 to 90."""
_CLIENT, _ONE_CLIENT, _CLIENTED = 0.7, 0.95, 0.75
"""Share of the accounts with one client: programs of a ring are one, a company's are several."""
_SIZE, _SMALLER, _LARGER, _SIZED = 100.0, -3.0, 2.0, 0.75
"""Companies take 9 (labels) to 260 (support) tokens an answer, campaigns some 480; so many
doublings below and above are told."""
_MOST = 2.0
"""Doublings of the budget, up or down, that all of it together comes to at most."""
BELOW, ABOVE = -6.0, 3.0
"""Weight of an untouched budget, which shrinks to nothing as it is used up; and the highest weight
past it, a nat a doubling."""


class AllowanceSettings(Settings):
    """What one actor may take before its link is held against it."""

    value_tokens: Positive = 150_000.0
    """Value tokens that an actor of whom nothing is known may take: output tokens, less for what is
    no news. By how openly it works it is a quarter of this to four times."""
    declared: ClassVar[float] = 4.0
    """Factor where most of its accounts declare one organisation."""


class Allowance(NamedTuple):
    """What one actor may take, and why."""

    tokens: float
    why: str
    """What makes it more or less, in words; empty where nothing does."""


def allowance(taken: Taken, settings: AllowanceSettings) -> Allowance:
    """Return what an actor may take, in value tokens."""
    shown = taken.openness
    opened = _OPENS * _ramp(shown.shared, _OPEN, _WIDE_OPEN) * (1 - shown.young)
    hidden = _hidden(taken)
    tight = _clip(hidden - opened)
    tokens = settings.value_tokens * 2**-tight
    why = []
    if (factor := 2 ** (_clip(hidden) - tight)) >= _TOLD:
        why.append(f"{_open_in_words(shown)}, so {_times(factor)} the budget")
    if shown.declared > _MAJORITY:
        tokens *= settings.declared
        why.append(
            f"{shown.declared:.0%} of its accounts declare one organisation, so "
            f"{_times(settings.declared)} the budget"
        )
    return Allowance(tokens, "; ".join(why))


def weight(share: float) -> float:
    """Return what a used share of the budget says, in nats."""
    return BELOW * (1 - share) if share < 1 else min(ABOVE, math.log2(share))


def share_used(llr: float) -> float:
    """Return the share of the budget that was used, of what `weight` said of it."""
    return 1 - llr / BELOW if llr < 0 else 2**llr


def _hidden(taken: Taken) -> float:
    """Return by how many doublings the budget is less for what does not show who it is."""
    shown = taken.openness
    cards = math.log2(max(1.0, shown.cards))
    size = math.log2(taken.size / _SIZE) if taken.size else _SMALLER
    return (
        _CARDED * _ramp(cards, math.log2(_CARDS), math.log2(_MANY_CARDS))
        + _CLIENTED * _ramp(shown.client, _CLIENT, _ONE_CLIENT)
        + _SIZED * min(_LARGER, max(_SMALLER, size))
    )


def _open_in_words(shown: Openness) -> str:
    if shown.card >= shown.address:
        return f"{shown.card:.0%} of its other accounts pay with the same card as one"
    return f"{shown.address:.0%} of its other accounts come from the same network as one"


def _times(factor: float) -> str:
    return f"{factor:.1f}".removesuffix(".0") + " times"


def _ramp(value: float, low: float, high: float) -> float:
    return min(1.0, max(0.0, (value - low) / (high - low)))


def _clip(doublings: float) -> float:
    return min(_MOST, max(-_MOST, doublings))


_TOLD = 1.05
"""Factor from which openness is told."""
_MAJORITY = 0.5
