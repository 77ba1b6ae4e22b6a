"""What happened, as entries of a journal: who applies the same ones in the same order knows the
same. No text, only keyed hashes, sketches and counts.
"""

from typing import Literal, TypeAlias

from distillgate.campaign.reports import Report
from distillgate.campaign.summary import Summary
from distillgate.engine.versions import Version
from distillgate.fingerprint.observation import Observation
from distillgate.policy.charge import Charge
from distillgate.records import FrozenRecord, decoder


class Order(FrozenRecord, frozen=True, tag="order"):
    """What a person did: see `queries.Queries`."""

    at: float
    deed: Literal[
        "pardon", "lift", "name", "forget", "kill", "resume", "reload",
        "unpardon", "exempt", "observe", "restrict", "revoke", "erase",
        "label", "appeal", "answer",
    ]  # fmt: skip
    """Hold no group's evidence against an account, or nothing at all; give a group a name; forget
    what is remembered of it; end all enforcement, or take that back; read the configuration again.
    End a pardon; do nothing to an account or organisation, log all of it, hold it to an action;
    take that back; forget an account. Say what one found of an account (`action`); ask for a review
    of a refusal (`name`, and in `reason` what the customer wrote); answer that (`action`).
    """
    subject: str | int = ""
    """The account's name, or the group's key."""
    until: float = 0.0
    name: str = ""
    by: str = ""
    reason: str = ""
    whole: bool = False
    """The subject is an organisation."""
    action: str = "throttle"
    """What `restrict` holds it to, a label says, or an answer decides."""
    contact: str = ""
    """Where the customer of an appeal is reached."""
    side: str = ""
    """Whose turn an appeal takes."""


class Feed(FrozenRecord, frozen=True, tag="feed"):
    """What others told of campaigns, and what they, or a person here, took back."""

    at: float
    by: str
    """Who imported it, or withdrew it."""
    reports: tuple[Report, ...] = ()
    withdrawn: tuple[tuple[str, float], ...] = ()
    """Names of reports that hold no more, and until when they are not to hold again."""
    versions: tuple[Version, ...] = ()
    """The versions of the reports, or of other objects, that were read."""


Entry: TypeAlias = Observation | Charge | Order | Summary | Feed

decode = decoder(Entry)
"""Reads what `records.encode` wrote of an entry. Raises `StoreError` where another version's entry
is none here; of fields see `records.Record`."""
