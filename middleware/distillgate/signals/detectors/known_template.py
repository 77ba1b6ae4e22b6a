"""Does an account work through a published harvesting template?

Strong for what it knows and silent on the rest: the templates are listed, with their sources, in
`fingerprint.templates`. Counted are different texts within the template, so a constant text alone
counts nothing.
"""

import math

from distillgate.account.account import Account
from distillgate.account.texts import Count
from distillgate.fingerprint.templates import TEMPLATES
from distillgate.settings import Positive, Settings
from distillgate.signals.signal import Doubt, Family, Signal

_DOUBT = Doubt(
    "courses and papers try published pipelines, and some customers make data by contract",
    "the customer is declared: a plan with `exempt`, or an exemption with its reason",
)


class KnownTemplateSettings(Settings):
    """How much of a published pipeline anybody may try."""

    allowance: Positive = 16.0
    """Different texts within known templates that say nothing: somebody tries it out."""
    min_share: float = 0.2
    """Share of the account's texts below which they say nothing: one of many users does it."""
    weight: float = 1.0
    """Nats a doubling past the allowance."""
    ceiling: float = 4.0
    """Highest weight."""


def known_template(
    account: Account,
    settings: KnownTemplateSettings,
    now: float,  # noqa: ARG001
) -> Signal | None:
    """Weigh how many different texts an account sent within known templates."""
    texts = account.texts
    if texts is None or texts[Count.SIGNED] <= settings.allowance:
        return None
    signed, share = texts[Count.SIGNED], texts.share(Count.SIGNED)
    if share < settings.min_share:
        return None
    llr = min(settings.ceiling, settings.weight * math.log2(signed / settings.allowance))
    template = TEMPLATES[texts.signature]
    text = (
        f"about {signed:,.0f} different texts ({share:.0%}) within published templates for making "
        f"training data, the last: {template.name} ({template.source})"
    )
    return Signal("known_template", Family.SIGNATURE, llr, text, _DOUBT)
