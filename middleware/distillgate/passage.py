"""The engine's memory of one exchange while it is under way."""

from typing import NamedTuple

from distillgate.actions.binding import Replay
from distillgate.actions.limits import LimitName
from distillgate.fingerprint.fingerprint import Pieces
from distillgate.policy.admission import Parties, Reservation
from distillgate.wire.exchange import Exchange


class Passage(NamedTuple):
    """The engine's memory of one exchange between `begin` and `finish`."""

    exchange: Exchange
    parties: Parties
    pieces: Pieces
    risk: float
    reservation: Reservation | None
    replay: Replay | None
    limit: LimitName | None
    """The name under which a chat's client limits its output."""
