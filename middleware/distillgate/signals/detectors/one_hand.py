"""Do accounts that nothing ties send what one hand deals? What their texts say by themselves."""

import math
from collections.abc import Iterator

from distillgate.campaign.exchangeability import likelihood_ratio
from distillgate.signals.detector import Finding
from distillgate.signals.group_detector import Basis, Case, Turn, group_detector
from distillgate.signals.signal import Doubt, Family

_LINKED = 4.0
"""Weight of evidence that was reached; what is beyond adds..."""
_DOUBLED = 2.0
"""...so much with each doubling."""


@group_detector(
    Family.LINKAGE,
    "whether accounts that nothing ties send what one hand deals, by their texts alone",
    Doubt(
        "one company may spread its own work over undeclared keys",
        "the accounts declare one organisation, or come to differ in what and how they ask",
    ),
    turn=Turn.COMPARISON,
    of=frozenset({Basis.ALONE}),
    signals=("one_hand", "one_clock"),
)
def one_hand(case: Case) -> Iterator[Finding]:
    """Weigh texts that were chosen by one half and judged by the other; the clock may add."""
    evidence = case.evidence
    found = evidence.one_hand
    if found is None:
        return
    llr = _LINKED * found.nats / found.asked
    if found.nats >= found.asked:
        llr = _LINKED + _DOUBLED * math.log2(found.nats / found.asked)
    text = (
        f"half of their texts chose {found.accounts} accounts, and by the other half they differ "
        f"as accounts of one dealer do: evidence {found.nats:.0f} of {found.asked:.0f} nats; "
        f"{evidence.distinct:.0f} items, each drawn {found.recurrence:.1f} times"
    )
    yield Finding(llr, text)
    if evidence.clock is not None:
        weight = max(0.0, likelihood_ratio(evidence.clock, case.examine.clock))
        said = f"their hours differ by {evidence.clock.rho:+.3f} of all variation (one dealer: 0)"
        yield Finding(weight, said, name="one_clock")
