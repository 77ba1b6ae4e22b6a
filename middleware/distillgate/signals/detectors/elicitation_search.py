"""Does an account try wording after wording to have shown what the model does not show?

One lab's accounts ran more than 12,000 requests, each another technique, to find one that prints
the hidden reasoning (September 2026 disclosures). A fixed wording is no search; a few tries are
curiosity; an account whose users try now and then is a front-end.
"""

import math

from distillgate.account.account import Account
from distillgate.account.texts import Count
from distillgate.settings import Positive, Settings
from distillgate.signals.signal import Doubt, Family, Signal

_DOUBT = Doubt(
    "testers of an application's safety try many wordings too",
    "the tests are declared: an exemption with its reason and end",
)


class ElicitationSearchSettings(Settings):
    """How much trying anybody may do."""

    allowance: Positive = 16.0
    """Different wordings that say nothing: people are curious."""
    refused_allowance: Positive = 8.0
    """The same where at least half of them were refused."""
    min_share: float = 0.2
    """Share of the account's texts below which they say nothing: some of many users try."""
    weight: float = 1.0
    """Nats a doubling past the allowance."""
    ceiling: float = 4.0
    """Highest weight."""


def elicitation_search(
    account: Account,
    settings: ElicitationSearchSettings,
    now: float,  # noqa: ARG001
) -> Signal | None:
    """Weigh in how many wordings an account asked for what is hidden."""
    texts = account.texts
    if texts is None or texts[Count.HIDDEN] <= settings.refused_allowance:
        return None
    tries, refused = texts[Count.HIDDEN], texts[Count.REFUSED]
    share, wordings = texts.share(Count.HIDDEN), min(tries, texts.wordings())
    many = refused >= tries / 2
    allowance = settings.refused_allowance if many else settings.allowance
    if share < settings.min_share or wordings <= allowance:
        return None
    llr = min(settings.ceiling, settings.weight * math.log2(wordings / allowance))
    text = (
        f"{tries:.0f} of its texts ({share:.0%}) ask for what is hidden, in about {wordings:.0f} "
        f"wordings; {refused:.0f} were refused"
    )
    return Signal("elicitation_search", Family.SIGNATURE, llr, text, _DOUBT)
