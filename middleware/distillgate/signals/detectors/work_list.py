"""How far is a linked group, as one actor, into what one actor may take?"""

import math

from distillgate.campaign.evidence import Evidence
from distillgate.settings import Positive, Settings
from distillgate.signals.signal import Doubt, Family, Signal

_DOUBT = Doubt(
    "batch work and evaluation runs send many different texts too",
    "the group sends fewer different texts, or the operator raises the actor's budget",
)


class WorkListSettings(Settings):
    """What one actor may take before its link is held against it."""

    distinct: Positive = 450.0
    """Different varying texts an undeclared actor may send."""
    compressing: float = 3.0
    """Factor where answers are much shorter than prompts: classification, extraction."""
    conversing: float = 2.0
    """Factor where most exchanges continue a conversation."""
    compress_ratio: float = 0.1
    """Output tokens over prompt tokens below which work compresses."""
    below: float = -6.0
    """Weight of an untouched budget; it shrinks to zero as the budget is used up."""
    above: float = 3.0
    """Highest weight past the budget (one nat a doubling)."""


def budget(evidence: Evidence, settings: WorkListSettings) -> float:
    """Give the distinct texts this actor may send, by what its exchanges look like."""
    allowed = settings.distinct
    if evidence.expansion is not None and evidence.expansion < settings.compress_ratio:
        allowed *= settings.compressing
    if evidence.follows > 0.5:
        allowed *= settings.conversing
    return allowed


def work_list(evidence: Evidence, settings: WorkListSettings) -> Signal:
    """Weigh how many different texts the group sent against one actor's budget."""
    allowed = budget(evidence, settings)
    used = evidence.distinct / allowed
    llr = settings.below * (1 - used) if used < 1 else min(settings.above, math.log2(used))
    text = f"as one actor it sent about {evidence.distinct:.0f} different texts of {allowed:.0f}"
    return Signal("work_list", Family.HARVEST, llr, text, _DOUBT)
