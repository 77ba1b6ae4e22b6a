"""What the policy says of one exchange."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, NamedTuple

BUDGET = "budget"
"""The reason code of a plan that is used up: a matter of contract, no suspicion."""
EXEMPT = "exempt"
"""The reason code where somebody's word stands against a restriction."""


class Action(IntEnum):
    """The rungs of the ladder, mildest first; comparable."""

    ALLOW = 0
    OBSERVE = 1
    THROTTLE = 2
    DEGRADE = 3
    CHALLENGE = 4
    REFUSE = 5

    @property
    def label(self) -> str:
        """The word used in logs, headers and replays."""
        return self.name.lower()

    @property
    def restricts(self) -> bool:
        """Whether a customer feels it: throttle or harder."""
        return self >= Action.THROTTLE


class Reason(NamedTuple):
    """One contribution to a decision: which signal, of which family, how much, in words."""

    signal: str
    family: str
    llr: float
    text: str


@dataclass(slots=True)
class Decision:
    """What becomes of one exchange, and why.

    `action` is what *enforce* mode does; `enforced` says whether it is really done. `risk` is the
    sum of `families` (natural-log likelihood ratios, capped a family), which are the sums of
    `reasons` after capping.
    """

    account: str
    action: Action = Action.ALLOW
    risk: float = 0.0
    families: Mapping[str, float] = field(default_factory=dict)
    reasons: Sequence[Reason] = ()
    group: str | None = None
    group_code: str | None = None
    """The group's own reference, whatever people call it."""
    code: str = ""
    """The reason code a refusal names: `rate_limit_exceeded`, `budget`, `suspected_extraction`;
    `exempt` where nothing is done for that reason."""
    by: str = "ladder"
    """Who or what decided: `ladder`, `hold`, `lift`, or an exemption or plan with its reason."""
    earned: Action = Action.ALLOW
    """What the evidence alone would have done."""
    replayed: str = ""
    """How sealed reasoning in the request belongs elsewhere (`actions.binding`); empty: not."""
    replay_answer: str = ""
    """What `enforce` does about that: `observe`, `strip`, `refuse`."""
    limit: str = ""
    """The limit of its plan that is used up, by name; empty: none is."""
    spared: str = ""
    """Why a restriction is not acted on (`policy.enforcement`); empty where it is."""
    change: str = ""
    """What it changes for its account (`restricted`, `released`, `exempted`); mostly nothing."""
    retry_after: float | None = None
    """Seconds until a throttled client may try again."""
    expires: float | None = None
    """When the restriction ends by itself, in seconds since the epoch."""
    enforced: bool = False
    passage: Any = None
    """The engine's own memory of the exchange, handed back to `plan` and `finish`."""

    @property
    def refused(self) -> bool:
        """Whether enforce mode answers it itself: with a wait, a link, or a no."""
        hard = self.action >= Action.CHALLENGE and not self.spared
        return hard or self.retry_after is not None
