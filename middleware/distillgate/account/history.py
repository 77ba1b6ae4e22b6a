"""What was done to an account, and on what evidence: it stays readable after a pardon."""

from distillgate.records import FrozenRecord

EVENTS = 8
"""Events that are kept of one account, the newest; the audit log has all."""
TEXTS = 3
"""Reasons that an event keeps, the strongest."""


class Event(FrozenRecord, frozen=True):
    """A change of how an account stands, or what a person ordered."""

    at: float
    what: str
    """`restricted`, `released`, `exempted`, or the order."""
    by: str = ""
    reason: str = ""
    """Why, in the words of whoever ordered it."""
    action: str = ""
    until: float = 0.0
    risk: float = 0.0
    group: str = ""
    texts: tuple[str, ...] = ()
    """The strongest reasons of the evidence as it stood."""
    reference: str = ""
    not_acted_on: str = ""
    """Why it was only judged."""


def remember(history: list[Event] | None, event: Event) -> list[Event]:
    """Return a history with one more event; the oldest goes where there are too many."""
    return [*(history or ())[-EVENTS + 1 :], event]
