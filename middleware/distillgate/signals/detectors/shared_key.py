"""How likely is one operator, before looking closer, where accounts share this?"""

import math
from collections.abc import Iterator

from distillgate.account.windows import DAY
from distillgate.campaign.keys import Kind
from distillgate.priors import Measured, section
from distillgate.signals.detector import Finding
from distillgate.signals.group_detector import Basis, Case, Turn, group_detector
from distillgate.signals.signal import Doubt, Family


class SharedKeyWeights(Measured, frozen=True):
    """Log-odds that a group is one operator's, by what its accounts share."""

    text: float
    """A prompt: most shared prompts are popular tools'."""
    payment: float
    """A payment instrument: families, agencies and resellers share one too."""
    network: float
    """A network: offices and universities share one."""
    shape: float
    """The form of requests: clients have defaults."""
    client: float
    """A client and the form of its requests."""
    cohort: float
    """A client and a week of sign-ups."""
    common_units: float
    """A weak key (shape, client, cohort) that more accounts share than this..."""
    common_share: float
    """...and than this share of all accounts is common, and says one nat less a doubling."""
    people: float
    """What a key that is no text and no card says where people may stand behind the accounts."""
    old_days: float
    """What is shared for longer is more likely public..."""
    old: float
    """...by this much."""


_WEIGHTS = section("shared_key", SharedKeyWeights)
_WEAK = frozenset({Kind.SHAPE, Kind.CLIENT, Kind.COHORT})


@group_detector(
    Family.LINKAGE,
    "how likely one operator is, before looking closer, where accounts share this",
    Doubt(
        "customers of one popular tool, office or agency share it too",
        "nothing: by itself this speaks for the accounts",
    ),
    turn=Turn.PRIOR,
    of=frozenset({Basis.DRAWN, Basis.TEXTS, Basis.PAYLOADS}),
)
def shared_key(case: Case) -> Iterator[Finding]:
    """Weigh the mere fact of sharing: against suspicion, since honest customers share much."""
    evidence, kind, days = case.evidence, case.group.kind, case.age / DAY
    llr = {
        Kind.PAYMENT: _WEIGHTS.payment,
        Kind.NETWORK: _WEIGHTS.network,
        Kind.SHAPE: _WEIGHTS.shape,
        Kind.CLIENT: _WEIGHTS.client,
        Kind.COHORT: _WEIGHTS.cohort,
    }.get(kind, _WEIGHTS.text)
    if days > _WEIGHTS.old_days:
        llr += _WEIGHTS.old
    if evidence.peopled and kind.loose:
        llr += _WEIGHTS.people
    if kind in _WEAK:
        common = max(_WEIGHTS.common_units, _WEIGHTS.common_share * evidence.population)
        llr -= max(0.0, math.log2(evidence.principals / common))
    yield Finding(
        llr,
        f"{evidence.principals} accounts share one {kind}, first seen {days:.1f} days before; "
        "honest customers do too",
    )
