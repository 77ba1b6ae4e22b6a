"""Does an account keep asking for the reasoning to be written out? Weak, as all text is."""

from distillgate.account.account import Account
from distillgate.account.texts import Count
from distillgate.fingerprint.asks import Ask
from distillgate.settings import Positive
from distillgate.signals.rates import RateSettings, weigh_asked
from distillgate.signals.signal import Doubt, Family, Signal

_DOUBT = Doubt(
    "teachers, auditors and evaluation harnesses ask for the reasoning too",
    "fewer of its own texts ask for the reasoning to be written out",
)


class ReasoningSettings(RateSettings):
    """How little it weighs."""

    honest: Positive = 0.06
    """Mean share among honest accounts."""
    harvest: Positive = 0.7
    """Mean share among harvesting accounts."""


def reasoning(
    account: Account,
    settings: ReasoningSettings,
    now: float,  # noqa: ARG001
) -> Signal | None:
    """Weigh the share of an account's varying texts that ask for the reasoning."""
    found = weigh_asked(account, Count.REASONING, Ask.REASONING, settings)
    if found is None:
        return None
    llr, share = found
    text = f"{share:.0%} of its varying texts ask for the reasoning"
    return Signal("reasoning", Family.CONTENT, llr, text, _DOUBT)
