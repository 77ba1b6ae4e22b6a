"""Do many accounts send one template, with a payload that never comes twice, and nothing else?

Nobody can read the payload here (a picture, sound, a file), so what the accounts ask about cannot
be compared: what remains is that nothing else varies, that no payload comes twice, over all of the
accounts, and how evenly they lie over them. Users of a tool for reading receipts show the first
two, and the two restrict nobody: they weigh little more than a shared prompt speaks for its users,
so that it takes a balancer's loads as well. One customer with one template is no group.
"""

from distillgate.campaign.evidence import Evidence
from distillgate.signals.signal import Doubt, Family, Signal

_DOUBT = Doubt(
    "users of one tool that reads or captions pictures each send their own",
    "the accounts declare one organisation, ask in words of their own, or send as unevenly as "
    "people do",
)
_UNITS = 12
"""Fewer accounts show nothing by being alike (`campaign.examine.min_units`)."""
_NOTHING_ELSE = 0.8
"""Share of the group's exchanges that must be nothing but payload: of each account, the first holds
words that are new from it."""
_TWICE = 0.02
"""Share of payloads that two accounts sent, from which it is a set that people share."""
_SHAPE, _EVEN = 5.5, 3.0
"""Nats for the shape itself, one more than a shared prompt speaks against (`shared_key`), and the
most for even loads: without them a group is not linked, and people's loads take all away."""


def payloads(evidence: Evidence, even: float) -> Signal | None:
    """Weigh a template whose payload never comes twice; `even` is what its even loads weigh."""
    senders = evidence.senders
    if senders is None or evidence.principals < _UNITS or evidence.unread < _NOTHING_ELSE:
        return None
    if evidence.repeats > _TWICE:
        return None
    llr = max(0.0, _SHAPE + min(_EVEN, even))
    text = (
        f"{evidence.principals} accounts send one template with nothing but a picture, sound or "
        f"file in it; of about {evidence.distinct:.0f} hardly one came twice, and their counts "
        f"vary {senders.dispersion:.1f} times as much as a balancer's"
    )
    return Signal("payloads", Family.LINKAGE, llr, text, _DOUBT)
