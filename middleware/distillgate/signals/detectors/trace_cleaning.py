"""Does an account have captured reasoning cleaned? One disclosed campaign did little else."""

from distillgate.account.account import Account
from distillgate.account.texts import Count
from distillgate.fingerprint.asks import Ask
from distillgate.settings import Positive
from distillgate.signals.rates import RateSettings, weigh_asked
from distillgate.signals.signal import Doubt, Family, Signal

_DOUBT = Doubt(
    "editors, support teams and transcription services have transcripts tidied too",
    "fewer of its own texts are reasoning to be put in order",
)


class TraceCleaningSettings(RateSettings):
    """How little it weighs."""

    honest: Positive = 0.02
    """Mean share among honest accounts."""
    harvest: Positive = 0.6
    """Mean share among harvesting accounts."""


def trace_cleaning(
    account: Account,
    settings: TraceCleaningSettings,
    now: float,  # noqa: ARG001
) -> Signal | None:
    """Weigh the share of an account's varying texts that have reasoning cleaned."""
    found = weigh_asked(account, Count.CLEANING, Ask.CLEANING, settings)
    if found is None:
        return None
    llr, share = found
    text = f"{share:.0%} of its varying texts have reasoning or transcripts put in order"
    return Signal("trace_cleaning", Family.CONTENT, llr, text, _DOUBT)
