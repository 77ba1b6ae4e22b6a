"""Does an account try wording after wording to have shown what the model does not show?

One lab's accounts ran more than 12,000 requests, each another technique, to find one that prints
the hidden reasoning (September 2026 disclosures). A fixed wording is no search; a few tries are
curiosity; an account whose users try now and then is a front-end.
"""

import math

from distillgate.account.account import Account
from distillgate.account.texts import Count
from distillgate.signals.detector import Finding, Reads, detector
from distillgate.signals.signal import Doubt, Family

_ALLOWANCE = 16.0
"""Different wordings that say nothing: people are curious. Each doubling past it weighs a nat."""
_REFUSED_ALLOWANCE = 8.0
"""The same where at least half of them were refused."""
_MIN_SHARE = 0.2
"""Share of the account's texts below which they say nothing: some of many users try."""
_CEILING = 4.0
"""Highest weight, in nats."""


@detector(
    Family.SIGNATURE,
    "whether an account tries wording after wording to see what the model hides",
    Doubt(
        "testers of an application's safety try many wordings too",
        "the tests are declared: an exemption with its reason and end",
    ),
    reads=Reads.TEXTS,
)
def elicitation_search(account: Account, now: float) -> Finding | None:  # noqa: ARG001
    """Weigh in how many wordings an account asked for what is hidden."""
    texts = account.texts
    if texts is None or texts[Count.HIDDEN] <= _REFUSED_ALLOWANCE:
        return None
    tries, refused = texts[Count.HIDDEN], texts[Count.REFUSED]
    share, wordings = texts.share(Count.HIDDEN), min(tries, texts.wordings())
    allowance = _REFUSED_ALLOWANCE if refused >= tries / 2 else _ALLOWANCE
    if share < _MIN_SHARE or wordings <= allowance:
        return None
    text = (
        f"{tries:.0f} of its texts ({share:.0%}) ask for what is hidden, in about {wordings:.0f} "
        f"wordings; {refused:.0f} were refused"
    )
    return Finding(min(_CEILING, math.log2(wordings / allowance)), text)
