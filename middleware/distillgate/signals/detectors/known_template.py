"""Does an account work through a published harvesting template?

Strong for what it knows and silent on the rest: the templates are listed, with their sources, in
`fingerprint.templates`. Counted are different texts within the template, so a constant text alone
counts nothing.
"""

import math

from distillgate.account.account import Account
from distillgate.account.texts import Count
from distillgate.fingerprint.templates import TEMPLATES
from distillgate.signals.detector import Finding, Reads, detector
from distillgate.signals.signal import Doubt, Family

_ALLOWANCE = 16.0
"""Different texts within known templates that say nothing: somebody tries it out. Each doubling
past it weighs a nat."""
_MIN_SHARE = 0.2
"""Share of the account's texts below which they say nothing: one of many users does it."""
_CEILING = 4.0
"""Highest weight, in nats."""


@detector(
    Family.SIGNATURE,
    "whether an account sends many different texts within published templates for making training "
    "data",
    Doubt(
        "courses and papers try published pipelines, and some customers make data by contract",
        "the customer is declared: a plan with `exempt`, or an exemption with its reason",
    ),
    reads=Reads.TEXTS,
)
def known_template(account: Account, now: float) -> Finding | None:  # noqa: ARG001
    """Weigh how many different texts an account sent within known templates."""
    texts = account.texts
    if texts is None or texts[Count.SIGNED] <= _ALLOWANCE:
        return None
    signed, share = texts[Count.SIGNED], texts.share(Count.SIGNED)
    if share < _MIN_SHARE:
        return None
    template = TEMPLATES[texts.signature]
    text = (
        f"about {signed:,.0f} different texts ({share:.0%}) within published templates for making "
        f"training data, the last: {template.name} ({template.source})"
    )
    return Finding(min(_CEILING, math.log2(signed / _ALLOWANCE)), text)
