"""Is one seed expanded into variants: text after text that says nearly the same in other words?"""

from distillgate.account.account import Account
from distillgate.account.texts import Count
from distillgate.settings import Positive
from distillgate.signals.rates import RateSettings, weigh
from distillgate.signals.signal import Doubt, Family, Signal

_DOUBT = Doubt(
    "people who polish one prompt, and records of one form, vary little too",
    "nothing needs to change: variants alone restrict nobody",
)


class VariantsSettings(RateSettings):
    """How little it weighs."""

    honest: Positive = 0.2
    """Mean share of texts that vary the one before, among honest accounts."""
    harvest: Positive = 0.8
    """Mean share where seeds are expanded."""


def variants(
    account: Account,
    settings: VariantsSettings,
    now: float,  # noqa: ARG001
) -> Signal | None:
    """Weigh the share of an account's texts that vary the one before."""
    texts = account.texts
    if texts is None:
        return None
    llr = weigh(texts[Count.VARIED], texts[Count.TEXTS], settings)
    if llr is None:
        return None
    share = texts.share(Count.VARIED)
    text = f"{share:.0%} of its texts say what the one before said, in other words"
    return Signal("variants", Family.CONTENT, llr, text, _DOUBT)
