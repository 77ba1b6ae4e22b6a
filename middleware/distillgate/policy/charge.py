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


class Pending:
    """What was handed out as charges and is not taken yet, by who owns the bucket and its name.

    Beside the buckets, which all replicas change in one order.
    """

    def __init__(self) -> None:
        self._amounts: dict[tuple[str, str], tuple[int, float]] = {}

    def of(self, owner: str, name: str) -> float:
        """Return how much of a bucket is handed out."""
        return self._amounts.get((owner, name), _NONE)[1] if self._amounts else 0.0

    def add(self, charge: Charge, sign: int = 1) -> None:
        """Count a charge's takes, or (`sign` -1) count them no more."""
        for take in charge.takes:
            for owner in _owners(charge, take.name):
                key = owner, take.name
                count, amount = self._amounts.get(key, _NONE)
                if count + sign:
                    self._amounts[key] = count + sign, amount + sign * take.amount
                else:
                    self._amounts.pop(key, None)


_NONE = (0, 0.0)


def _owners(charge: Charge, name: str) -> tuple[str, ...]:
    if name == POOL:
        return charge.pools
    if name == FLOOR or charge.payer is None:
        return (charge.account.name,)
    return (charge.payer.name,)
