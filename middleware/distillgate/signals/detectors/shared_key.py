"""How likely is one operator, before looking closer, where accounts share this?"""

import math

from distillgate.campaign.evidence import Evidence
from distillgate.campaign.keys import Kind
from distillgate.settings import Settings
from distillgate.signals.signal import Doubt, Family, Signal

_DOUBT = Doubt(
    "customers of one popular tool, office or agency share it too",
    "nothing: by itself this speaks for the accounts",
)


class SharedKeySettings(Settings):
    """Log-odds that a group is one operator's, by what its accounts share."""

    text: float = -4.5
    """A prompt: most shared prompts are popular tools'."""
    payment: float = -3.5
    """A payment instrument: families, agencies and resellers share one too."""
    network: float = -5.5
    """A network: offices and universities share one."""
    shape: float = -6.0
    """The form of requests: clients have defaults."""
    client: float = -5.5
    """A client and the form of its requests."""
    cohort: float = -6.0
    """A client and a week of sign-ups."""
    common_units: float = 50.0
    """A weak key (shape, client, cohort) that more accounts share than this..."""
    common_share: float = 0.02
    """...and than this share of all accounts is common, and says one nat less a doubling."""
    old_days: float = 60.0
    """What is shared for longer is more likely public..."""
    old: float = -1.0
    """...by this much."""


def shared_key(evidence: Evidence, kind: Kind, age: float, settings: SharedKeySettings) -> Signal:
    """Weigh the mere fact of sharing: against suspicion, since honest customers share much."""
    prior = {
        Kind.PAYMENT: settings.payment,
        Kind.NETWORK: settings.network,
        Kind.SHAPE: settings.shape,
        Kind.CLIENT: settings.client,
        Kind.COHORT: settings.cohort,
    }.get(kind, settings.text)
    days = age / 86400
    llr = prior + (settings.old if days > settings.old_days else 0.0)
    if kind in (Kind.SHAPE, Kind.CLIENT, Kind.COHORT):
        common = max(settings.common_units, settings.common_share * evidence.population)
        llr -= max(0.0, math.log2(evidence.principals / common))
    text = (
        f"{evidence.principals} accounts share one {kind}, first seen {days:.1f} days before; "
        "honest customers do too"
    )
    return Signal("shared_key", Family.LINKAGE, llr, text, _DOUBT)
