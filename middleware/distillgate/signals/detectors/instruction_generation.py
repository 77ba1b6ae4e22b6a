"""Does an account have tasks and questions made up? The first stage of self-instruct pipelines."""

from distillgate.account.account import Account
from distillgate.account.texts import Count
from distillgate.fingerprint.asks import Ask
from distillgate.settings import Positive
from distillgate.signals.rates import RateSettings, weigh_asked
from distillgate.signals.signal import Doubt, Family, Signal

_DOUBT = Doubt(
    "teachers have exercises made up, testers test cases",
    "fewer of its own texts ask for new tasks",
)


class InstructionGenerationSettings(RateSettings):
    """How little it weighs."""

    honest: Positive = 0.06
    """Mean share among honest accounts."""
    harvest: Positive = 0.7
    """Mean share among harvesting accounts."""


def instruction_generation(
    account: Account,
    settings: InstructionGenerationSettings,
    now: float,  # noqa: ARG001
) -> Signal | None:
    """Weigh the share of an account's varying texts that have tasks made up."""
    found = weigh_asked(account, Count.GENERATION, Ask.GENERATION, settings)
    if found is None:
        return None
    llr, share = found
    text = f"{share:.0%} of its varying texts have tasks or questions made up"
    return Signal("instruction_generation", Family.CONTENT, llr, text, _DOUBT)
