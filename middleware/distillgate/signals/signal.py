"""What a detector says."""

from enum import StrEnum

from distillgate.records import FrozenRecord


class Family(StrEnum):
    """Kinds of evidence that fail together; each is capped on its own, hard action needs two."""

    LINKAGE = "linkage"
    """Accounts act as one."""
    HARVEST = "harvest"
    """What is taken: amount, variety, direction."""
    CONTENT = "content"
    """What requests ask for and carry. Weak, and stays weak."""
    SIGNATURE = "signature"
    """Texts that hardly anything but harvesting sends: published templates for it, searches for
    what the model hides."""
    CONDUCT = "conduct"
    """When, how fast and from where an account is used. Weak: every heavy customer shares it."""
    SURFACE = "surface"
    """Which API features are used, and how."""
    INTELLIGENCE = "intelligence"
    """What others told. It only takes back what is held for accounts that share something, and
    only where they show something by themselves."""
    CALIBRATION = "calibration"
    """How far honest accounts come by chance; never above zero."""


class Doubt(FrozenRecord, frozen=True):
    """What speaks against taking a signal at its word; it stands beside the signal's detector."""

    honest: str = ""
    """Who does the same in good faith."""
    clears: str = ""
    """The cheapest change that would clear it."""


class Signal(FrozenRecord, frozen=True):
    """One opinion: a log-likelihood ratio in nats, and a sentence a human can check.

    A detector that has no evidence returns None, never a neutral signal.
    """

    name: str
    family: Family
    llr: float
    text: str
    doubt: Doubt = Doubt()
    since: float | None = None
    """When the first of the evidence was seen, in seconds since the epoch; None: not known."""
    until: float | None = None
    """When the last of it was seen."""
