"""Does an account range over more subjects than one business has?

The measure is the mean cosine of two of its texts' subjects: a training set wants coverage, so its
texts have nothing in common. Nor have a chat front-end's.
"""

from distillgate.account.account import Account
from distillgate.account.texts import Count
from distillgate.signals.detector import Finding, Reads, detector
from distillgate.signals.signal import Doubt, Family

_LEAST = 400.0
"""Different texts before anything is said."""
_LIKENESS = 0.06
"""Mean cosine of two texts below which an account is broad."""
_CEILING = 0.15
"""Weight, in nats, where texts have nothing in common; it shrinks to nothing at `_LIKENESS`. Next
to nothing: measured, people's chats are as broad as work lists."""


@detector(
    Family.CONTENT,
    "whether hundreds of texts have no subject in common",
    Doubt(
        "front-ends, gateways and translators see every subject too",
        "end users or organisations are declared, and each is looked at by itself",
    ),
    reads=Reads.TEXTS,
)
def breadth(account: Account, now: float) -> Finding | None:  # noqa: ARG001
    """Weigh how little an account's texts have in common."""
    texts = account.texts
    if texts is None or texts[Count.TEXTS] < _LEAST:
        return None
    likeness = max(0.0, texts.likeness())
    if likeness >= _LIKENESS:
        return None
    text = f"its texts have little in common (mean likeness {likeness:.2f}): a wide space of tasks"
    return Finding(_CEILING * (1 - likeness / _LIKENESS), text)
