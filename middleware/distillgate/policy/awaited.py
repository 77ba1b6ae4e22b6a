"""Exchanges whose answer comes later: what they hold stays held until somebody fetches the answer.

A Responses call with `background`, or a deferred completion, is answered at once with a name and
no usage. What it reserved is settled by the first answer to that name that tells how it ended,
whoever asks for it. One that nobody asks for in time is charged in full: nothing has to be done for
that, as it was taken when it was reserved.
"""

from collections import OrderedDict
from typing import NamedTuple

from distillgate.account.windows import DAY
from distillgate.fingerprint.observation import Observation
from distillgate.policy.ledger import Reservation
from distillgate.wire.exchange import Exchange, Outcome
from distillgate.wire.operation import Operation

AWAITED_LIMIT = 10_000
"""Exchanges that are awaited; beyond it the longest awaited is charged in full."""

AWAITED_SECONDS = DAY
"""How long one is awaited. Then it is charged in full."""


class Held(NamedTuple):
    """What is known of an exchange whose answer is still to come."""

    at: float
    """When it was reserved for."""
    operation: Operation
    reservation: Reservation | None
    seen: Observation | None
    """What was learned of it; None where nothing was."""


class Awaited:
    """The exchanges that are awaited, by the name their answer is fetched by. Bounded."""

    def __init__(self) -> None:
        self._held: OrderedDict[str, Held] = OrderedDict()

    def __len__(self) -> int:
        return len(self._held)

    def put(self, name: str, held: Held) -> None:
        """Await an answer."""
        self._held[name] = held
        if len(self._held) > AWAITED_LIMIT:
            self._held.popitem(last=False)

    def get(self, name: str, now: float) -> Held | None:
        """Return what is held for a name; None where nothing is, or nothing any more."""
        held = self._held.get(name)
        if held is not None and now - held.at >= AWAITED_SECONDS:
            del self._held[name]
            return None
        return held

    def end(self, name: str) -> None:
        """Await an answer no longer."""
        del self._held[name]


def goes_on(exchange: Exchange, outcome: Outcome) -> bool:
    """Return whether the answer is made though nobody listens.

    A stream that broke off may have been one of those; what is not streamed has no other reason to
    be answered without an end.
    """
    asked = exchange.request.parameters
    return outcome.awaited is not None and (asked.background or not asked.stream)


def has_ended(outcome: Outcome) -> bool:
    """Return whether an answer tells how it ended."""
    given = 200 <= outcome.status < 300 and outcome.awaited is None
    return given and outcome.finish_reason is not None
