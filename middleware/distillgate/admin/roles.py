"""Who may do what on the operator's pages: roles by name, and the people who have them."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Literal, NamedTuple, TypeAlias, get_args


class May(StrEnum):
    """What one may do, or see."""

    METRICS = "metrics"
    HEALTH = "health"
    """The gate's own state; nobody's data."""
    LOOK = "look"
    """Overview and campaigns; without `ACCOUNTS`, accounts and organisations by pseudonyms."""
    ACCOUNTS = "accounts"
    """Accounts by their names, their evidence, what they got."""
    ORDER = "order"
    """Orders on one account, answers to appeals, labels."""
    BULK = "bulk"
    """Orders on campaigns and organisations; names; what forgets something."""
    AUDIT = "audit"
    DECIDE = "decide"
    """Have requests judged, and tell what came of them: a gateway's."""
    SWITCH = "switch"
    """Kill, resume and reload."""


Role: TypeAlias = Literal[
    "viewer", "analyst", "lead", "operator", "auditor", "metrics", "gateway", "administrator"
]
_ANALYST = frozenset({May.HEALTH, May.LOOK, May.ACCOUNTS, May.ORDER})
ROLES: Mapping[Role, frozenset[May]] = {
    "viewer": frozenset({May.HEALTH, May.LOOK}),
    "analyst": _ANALYST,
    "lead": _ANALYST | {May.BULK, May.AUDIT},
    "operator": frozenset({May.METRICS, May.HEALTH, May.LOOK, May.SWITCH}),
    "auditor": frozenset({May.HEALTH, May.LOOK, May.ACCOUNTS, May.AUDIT}),
    "metrics": frozenset({May.METRICS}),
    "gateway": frozenset({May.DECIDE}),
    "administrator": frozenset(May),
}
"""What each role may."""
assert ROLES.keys() == set(get_args(Role))

MAX_NAME = 64
"""Characters of a person's name."""
SHARED = "operator"
"""Who is named where the shared key's holder does not say who they are."""


class Caller(NamedTuple):
    """Who asks, by a key or by an authenticating proxy's word."""

    name: str
    """Empty where the shared key was shown: whoever has it says who they are."""
    role: Role

    def may(self, what: May) -> bool:
        """Return whether the role allows it."""
        return what in ROLES[self.role]
