"""What a detector says."""

from enum import StrEnum
from typing import NamedTuple


class Family(StrEnum):
    """Kinds of evidence that fail together; each is capped on its own, hard action needs two."""

    LINKAGE = "linkage"
    """Accounts act as one."""
    HARVEST = "harvest"
    """What is taken: amount, variety, direction."""
    CONTENT = "content"
    """What the text asks for. Weak, and stays weak."""
    SURFACE = "surface"
    """Which API features are used, and how."""


class Signal(NamedTuple):
    """One opinion: a log-likelihood ratio in nats, and a sentence a human can check.

    A detector that has no evidence returns None, never a neutral signal.
    """

    name: str
    family: Family
    llr: float
    text: str
