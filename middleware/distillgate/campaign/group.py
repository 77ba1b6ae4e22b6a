"""One group: the units that share a key, and what they show together."""

from distillgate.campaign.evidence import Evidence
from distillgate.campaign.keys import Key, Kind
from distillgate.campaign.repeats import Repeats
from distillgate.fingerprint.fingerprint import Fingerprint
from distillgate.wire.exchange import Outcome


class Group:
    """Units that share a key, with the sums their evidence is computed from."""

    __slots__ = (
        "due",
        "elicited",
        "evidence",
        "exchanges",
        "first_seen",
        "follows",
        "key",
        "kind",
        "last_seen",
        "link",
        "name",
        "output_tokens",
        "prompt_tokens",
        "repeats",
        "rows",
    )

    def __init__(self, key: Key, now: float, *, sample: int, due: int) -> None:
        self.kind: Kind = key.kind
        self.key = key.value
        self.name: str | None = None
        """Given by a person, never by code."""
        self.first_seen = now
        self.last_seen = now
        self.exchanges = 0
        self.elicited = 0
        self.follows = 0
        self.prompt_tokens = 0.0
        self.output_tokens = 0.0
        self.rows: dict[int, int] = {}
        """Row in `Members` of each unit."""
        self.repeats = Repeats(sample)
        self.due = due
        """Examined again once it has this many exchanges."""
        self.evidence: Evidence | None = None
        self.link = 0.0
        """Fused evidence that one hand feeds it, in nats; set when examined."""

    def count(self, fingerprint: Fingerprint, tokens: int, outcome: Outcome) -> None:
        """Count one exchange."""
        self.exchanges += 1
        self.elicited += fingerprint.elicits
        self.follows += fingerprint.turns > 1
        if outcome.completion_tokens is not None:
            self.prompt_tokens += outcome.prompt_tokens or tokens
            self.output_tokens += outcome.completion_tokens

    @property
    def id(self) -> str:
        """How logs and people refer to the group."""
        return self.name or f"g-{self.key:016x}"
