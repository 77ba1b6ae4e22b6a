"""Does work lie over the accounts of a part that was looked for as evenly as a balancer lays it?"""

from collections.abc import Iterator

from distillgate.signals.detector import Finding
from distillgate.signals.evenness import LOADS, evenness
from distillgate.signals.group_detector import Basis, Case, Turn, group_detector
from distillgate.signals.signal import Doubt, Family


@group_detector(
    Family.LINKAGE,
    "whether work lies over the accounts as evenly as a balancer lays it",
    Doubt(
        "a firm's own balancer over undeclared keys lays work evenly too",
        "the accounts declare one organisation",
    ),
    turn=Turn.SUPPORT,
    of=frozenset({Basis.ALONE, Basis.TEXTS}),
)
def even_loads(case: Case) -> Iterator[Finding]:
    """Weigh how evenly the principals of a core that was looked for are loaded.

    Where they share a key, evenness says no more for one hand; unevenness speaks against it.
    """
    found = case.evidence.loads
    if found is None:
        return
    llr = max(LOADS.floor, min(LOADS.ceiling, evenness(found)))
    # Loads are free to forge: where the texts convict by themselves, they only add.
    llr = max(0.0, llr) if case.basis is Basis.ALONE else min(0.0, llr)
    yield Finding(
        llr,
        f"accounts sent {found.mean:.0f} texts each, and their counts vary "
        f"{found.dispersion:.1f} times as much as a balancer's (people's: 3 and more)",
    )
