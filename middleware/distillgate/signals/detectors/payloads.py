"""Do many accounts send one template, with a payload that never comes twice, and nothing else?

Nobody can read the payload here (a picture, sound, a file), so what the accounts ask about cannot
be compared: what remains is that nothing else varies, that no payload comes twice, over all of the
accounts, and how evenly they lie over them. Users of a tool for reading receipts show the first
two, and the two restrict nobody: they weigh little more than a shared prompt speaks for its users,
so that it takes a balancer's loads as well. One customer with one template is no group.
"""

from collections.abc import Iterator

from distillgate.signals.detector import Finding
from distillgate.signals.evenness import evenness
from distillgate.signals.group_detector import Basis, Case, Turn, group_detector
from distillgate.signals.signal import Doubt, Family

_SHAPE, _EVEN = 5.5, 3.0
"""Nats for the shape itself, one more than a shared prompt speaks against (`shared_key`), and the
most for even loads: without them a group is not linked, and people's loads take all away."""


@group_detector(
    Family.LINKAGE,
    "whether accounts send one template with a payload that never comes twice, and nothing else",
    Doubt(
        "users of one tool that reads or captions pictures each send their own",
        "the accounts declare one organisation, ask in words of their own, or send as unevenly as "
        "people do",
    ),
    turn=Turn.COMPARISON,
    of=frozenset({Basis.PAYLOADS}),
    accuses=True,
)
def payloads(case: Case) -> Iterator[Finding]:
    """Weigh a template whose payload never comes twice, by how evenly it lies over accounts."""
    evidence = case.evidence
    senders = evidence.senders
    if senders is None:
        return
    llr = max(0.0, _SHAPE + min(_EVEN, evenness(senders)))
    yield Finding(
        llr,
        f"{evidence.principals} accounts send one template with nothing but a picture, sound or "
        f"file in it; of about {evidence.distinct:.0f} hardly one came twice, and their counts "
        f"vary {senders.dispersion:.1f} times as much as a balancer's",
    )
