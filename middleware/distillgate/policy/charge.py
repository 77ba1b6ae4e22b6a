"""What one exchange takes of budgets, and what its decision says of its account: no text in it.

Taken once where it is decided, or by every replica alike, so that budgets hold over all of them.
"""

from distillgate.account.bucket import Bucket
from distillgate.account.history import Event
from distillgate.fingerprint.observation import Party
from distillgate.records import FrozenRecord

FLOOR, POOL = "floor", "pool"
"""What is taken of the account's own floor, and of its actors' pools; all else is of its plan."""


class Debit(FrozenRecord, frozen=True):
    """So much of one bucket; given back where it is negative."""

    name: str
    bucket: Bucket
    amount: float


class AccountStatus(FrozenRecord, frozen=True):
    """How an account stands after a decision."""

    risk: float
    held_until: float
    restriction: int
    event: Event | None = None
    """What the account's history tells of it, where it changes anything."""


class Charge(FrozenRecord, frozen=True, tag="charge"):
    """What is reserved for an exchange, or, when it ends, what it came to beyond that."""

    at: float
    account: Party
    payer: Party | None
    """Whose plan is charged, where that is another account."""
    takes: tuple[Debit, ...] = ()
    pools: tuple[str, ...] = ()
    """Of which pools it takes."""
    sighting: int | None = None
    """The text that it was charged for as a new one (`policy.answered_texts`)."""
    standing: AccountStatus | None = None
    """None where nothing was decided, or nothing that changes how the account stands."""
