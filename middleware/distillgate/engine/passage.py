"""The engine's memory of one exchange while it is under way."""

from typing import NamedTuple

from distillgate.actions.binding import Replay
from distillgate.actions.limits import LimitName
from distillgate.fingerprint.fingerprint import Pieces
from distillgate.policy.ledger import Reservation
from distillgate.policy.parties import Parties
from distillgate.wire.exchange import Exchange, Outcome


class Passage(NamedTuple):
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
    reported: tuple[str, ...] = ()
    """The reports that it was seen to be made from, where that was looked at."""


_NOT_LET_IN = frozenset({401, 403, 404})


def let_in(outcome: Outcome, *, known: bool) -> bool:
    """Return whether the upstream knew the account: a made-up key must not become one."""
    if known:
        return outcome.status not in _NOT_LET_IN
    unknown = outcome.status == 0 and not outcome.aborted
    return unknown or 200 <= outcome.status < 400
