"""Does an account range over more subjects than one business has?

The measure is the mean cosine of two of its texts' subjects: a training set wants coverage, so its
texts have nothing in common. Nor have a chat front-end's.
"""

from distillgate.account.account import Account
from distillgate.account.texts import Count
from distillgate.settings import Positive, Settings
from distillgate.signals.signal import Doubt, Family, Signal

_DOUBT = Doubt(
    "front-ends, gateways and translators see every subject too",
    "end users or organisations are declared, and each is looked at by itself",
)


class BreadthSettings(Settings):
    """How little it weighs, and from when on it is looked at."""

    least: float = 400.0
    """Different texts before anything is said."""
    likeness: Positive = 0.06
    """Mean cosine of two texts below which an account is broad."""
    ceiling: float = 0.15
    """Weight where texts have nothing in common; it shrinks to nothing at `likeness`. Next to
    nothing: measured, people's chats are as broad as work lists."""


def breadth(
    account: Account,
    settings: BreadthSettings,
    now: float,  # noqa: ARG001
) -> Signal | None:
    """Weigh how little an account's texts have in common."""
    texts = account.texts
    if texts is None or texts[Count.TEXTS] < settings.least:
        return None
    likeness = max(0.0, texts.likeness())
    if likeness >= settings.likeness:
        return None
    llr = settings.ceiling * (1 - likeness / settings.likeness)
    text = f"its texts have little in common (mean likeness {likeness:.2f}): a wide space of tasks"
    return Signal("breadth", Family.CONTENT, llr, text, _DOUBT)
