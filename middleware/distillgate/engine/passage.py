"""The engine's memory of one exchange while it is under way."""

from collections import Counter

from distillgate.account.account import Account
from distillgate.actions.binding import Replay
from distillgate.actions.limits import LimitName
from distillgate.fingerprint.fingerprint import Pieces
from distillgate.policy.ledger import Reservation
from distillgate.policy.parties import Parties
from distillgate.records import FrozenStruct
from distillgate.wire.exchange import Exchange, Outcome


class Passage(FrozenStruct, frozen=True):
    """The engine's memory of one exchange between `begin` and `finish`."""

    exchange: Exchange
    parties: Parties
    pieces: Pieces | None
    """None where the decision did not need them: they are cut once the answer has left."""
    risk: float
    reservation: Reservation | None
    replay: Replay | None
    limit: LimitName | None
    """The name under which a chat's client limits its output."""
    at: float
    """When it was judged."""
    strangers: tuple[str, ...] = ()
    """Those of its parties that were kept because nothing is known of them."""
    reported: tuple[str, ...] = ()
    """The reports that it was seen to be made from, where that was looked at."""


class Strangers:
    """Accounts of which nothing was learned yet, while exchanges of theirs are under way.

    What is under way at once is one account's. It is no longer kept: another process, and this one
    after a restart, would not know of it.
    """

    def __init__(self) -> None:
        self._held: dict[str, Account] = {}
        self._under_way: Counter[str] = Counter()

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._held)

    def get(self, name: str) -> Account | None:
        """Return the account of exchanges that are under way."""
        return self._held.get(name)

    def hold(self, account: Account) -> None:
        """Keep an account for one more exchange."""
        self._held[account.name] = account
        self._under_way[account.name] += 1

    def release(self, name: str) -> None:
        """Let go of an account for one exchange, if it was kept for any."""
        if name in self._held:
            self._under_way[name] -= 1
            if not self._under_way[name]:
                del self._held[name], self._under_way[name]


_NOT_LET_IN = frozenset({401, 403, 404})


def let_in(outcome: Outcome, *, known: bool) -> bool:
    """Return whether the upstream knew the account: a made-up key must not become one."""
    if known:
        return outcome.status not in _NOT_LET_IN
    unknown = outcome.status == 0 and not outcome.aborted
    return unknown or 200 <= outcome.status < 400
