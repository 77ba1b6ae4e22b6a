"""Does an account have answers graded, by a rubric or against each other? Weak, as all text is."""

from distillgate.account.account import Account
from distillgate.account.texts import Count
from distillgate.fingerprint.asks import Ask
from distillgate.settings import Positive
from distillgate.signals.rates import RateSettings, weigh_asked
from distillgate.signals.signal import Doubt, Family, Signal

_DOUBT = Doubt(
    "evaluation teams have answers judged by a model every day",
    "fewer of its own texts ask for marks",
)


class GradingSettings(RateSettings):
    """How little it weighs."""

    honest: Positive = 0.05
    """Mean share among honest accounts."""
    harvest: Positive = 0.7
    """Mean share among harvesting accounts."""


def grading(
    account: Account,
    settings: GradingSettings,
    now: float,  # noqa: ARG001
) -> Signal | None:
    """Weigh the share of an account's varying texts that ask for marks."""
    found = weigh_asked(account, Count.GRADING, Ask.GRADING, settings)
    if found is None:
        return None
    llr, share = found
    text = f"{share:.0%} of its varying texts have answers graded"
    return Signal("grading", Family.CONTENT, llr, text, _DOUBT)
