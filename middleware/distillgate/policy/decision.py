"""What the policy says of one exchange."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict

from distillgate.campaign.group import Group
from distillgate.records import FrozenStruct
from distillgate.risk.fuse import Risk

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
        """Return whether a customer feels it: throttle or harder."""
        return self >= Action.THROTTLE


class Reason(FrozenStruct, frozen=True):
    """One contribution to a decision: which signal, of which family, how much, in words."""

    signal: str
    family: str
    llr: float
    text: str


class Ruling(FrozenStruct, frozen=True):
    """What the evidence, or somebody's word against it, comes to. Budgets come after."""

    risk: float = 0.0
    action: Action = Action.ALLOW
    unadjusted: Action = Action.ALLOW
    """What the evidence alone would have done."""
    decided_by: str = "ladder"
    """Who or what decided: `ladder`, `hold`, `new`, `lift`, or an exemption or plan with its
    reason."""
    code: str = ""
    """The reason code a refusal names: `rate_limit_exceeded`, `budget`, `suspected_extraction`;
    `exempt` where nothing is done for that reason."""
    expires: float | None = None
    """When the restriction ends by itself, in seconds since the epoch."""
    not_enforced: str = ""
    """Why a restriction is not acted on (`policy.enforcement`); empty where it is."""


class Decision(Struct, frozen=True):
    """What becomes of one exchange, and why.

    `action` is what *enforce* mode does; `enforced` says whether it is really done. `risk` is the
    sum of `families` (natural-log likelihood ratios, capped a family), which are the sums of
    `reasons` after capping. What a `Ruling` has means the same here.
    """

    account: str
    action: Action = Action.ALLOW
    risk: float = 0.0
    families: Mapping[str, float] = {}
    reasons: Sequence[Reason] = ()
    group: str | None = None
    group_code: str | None = None
    """The group's own reference, whatever people call it."""
    code: str = ""
    decided_by: str = "ladder"
    unadjusted: Action = Action.ALLOW
    replayed: str = ""
    """How sealed reasoning in the request belongs elsewhere (`actions.binding`); empty: not."""
    replay_answer: str = ""
    """What `enforce` does about that: `observe`, `strip`, `refuse`."""
    limit: str = ""
    """The limit of its plan that is used up, by name; empty: none is."""
    not_enforced: str = ""
    change: str = ""
    """What it changes for its account (`restricted`, `released`, `exempted`); mostly nothing."""
    retry_after: float | None = None
    """Seconds until a throttled client may try again."""
    expires: float | None = None
    enforced: bool = False
    passage: Any = None
    """The engine's own memory of the exchange, handed back to `plan` and `finish`."""

    @classmethod
    def of(
        cls, account: str, ruling: Ruling, risk: Risk, group: Group | None = None, **others: Any
    ) -> Decision:
        """Make the decision on an account's exchange of a ruling and of what is behind it."""
        return cls(
            account=account,
            group=None if group is None else group.id,
            group_code=None if group is None else group.code,
            families=risk.families,
            reasons=tuple([Reason(s.name, s.family._value_, s.llr, s.text) for s in risk.signals]),
            **asdict(ruling),
            **others,
        )

    @property
    def refused(self) -> bool:
        """Return whether enforce mode answers it itself: with a wait, a link, or a no."""
        hard = self.action >= Action.CHALLENGE and not self.not_enforced
        return hard or self.retry_after is not None
