"""What every exchange needs beside itself: the engine, the clock, and who is told."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from distillgate.actions.effect import Effect
from distillgate.asgi.body import Ledger
from distillgate.asgi.cors import Cors
from distillgate.asgi.identity import Identifier
from distillgate.asgi.settings import AsgiSettings
from distillgate.asgi.tasks import Tasks
from distillgate.engine.engine import Engine
from distillgate.intel.samples import Samples
from distillgate.policy.decision import Decision
from distillgate.wire.exchange import Exchange, Outcome
from distillgate.wire.operation import Operation
from distillgate.wire.request import Request

if TYPE_CHECKING:
    from distillgate.telemetry.otel.spans import Tracer

_GRAIN = 0.001
"""Seconds that others tell the time by: their clock shows a millisecond to its end."""


class Tokenizer(Protocol):
    """Counts that were bounded on the event loop are finished in a thread."""

    def pending(self, request: Request) -> bool:
        """Return whether a count was cut short."""

    def finish(self, request: Request) -> object:
        """Finish a count; called in a thread."""


class Observer(Protocol):
    """Is told what happens. Called on the event loop: quick, and never raising."""

    def unread(self, operation: Operation | None, reason: str, *, answered: str = "") -> None:
        """Hear that a request was not read, or not in one way only; `reason` is a word of ours.

        `answered` is the reference of the gate's own answer, where it did not pass the request on.
        """

    def failed(self, where: str, error: BaseException) -> None:
        """Hear that the gate itself failed; the exchange went on as `fail` says."""

    def exchange(self, operation: Operation, decision: Decision) -> None:
        """Hear that a request was judged."""

    def tokens(self, prompt: int | None = None, completion: int | None = None) -> None:
        """Hear what an answer that was fetched later came to, as far as it is known."""

    def ended(self, operation: Operation, decision: Decision, effect: Effect) -> None:
        """Hear what the client got."""

    def fetched(self, decision: Decision, effect: Effect) -> None:
        """Hear that an answer which the upstream kept was given as another one."""

    def timed(self, seconds: float) -> None:
        """Hear how long that took, from the request's last byte."""


class Recorder(Protocol):
    """Writes the traffic log. The only party that is shown text to keep."""

    def write(self, exchange: Exchange, document: Any, outcome: Outcome, ts: float) -> None:
        """Write one exchange; `ts` is when its request came."""


class Clock:
    """Seconds since the epoch that never go backwards, whatever the system's clock does.

    Where several processes share their evidence, they agree on the time of what they share it by.
    """

    __slots__ = ("_ahead", "_last", "own")

    def __init__(self, source: Callable[[], float]) -> None:
        self.own = source
        """This machine's own time."""
        self._ahead = 0.0
        self._last = 0.0

    def __call__(self) -> float:
        """Return the time."""
        self._last = max(self._last, self.own() + self._ahead)
        return self._last

    def agree(self, began: float, at: float, ended: float) -> None:
        """Take it that it was `at` some time between two own times (`own`).

        The clock is moved by no more than what that proves it wrong by: an answer that is slow to
        come proves little.
        """
        self._ahead = min(max(self._ahead, at - ended), at + _GRAIN - began)


@dataclass(slots=True, kw_only=True)
class Context:
    """Shared by all exchanges of a process."""

    engine: Engine
    settings: AsgiSettings
    identifier: Identifier
    tokenizer: Tokenizer
    observer: Observer
    tasks: Tasks
    clock: Clock
    cors: Cors
    ledger: Ledger
    """What the bodies of requests under way come to."""
    recorder: Recorder | None = None
    samples: Samples | None = None
    tracer: "Tracer | None" = None
    fail_closed: bool = False
    paced: int = 0
    """Streams that are held back right now."""

    def keep(self, exchange: Exchange, decision: Decision, outcome: Outcome, came: float) -> None:
        """Show an exchange that is over to those who keep something; `came` is when it did."""
        if self.samples is not None:
            self.samples.see(exchange, decision, came)
        if self.recorder is not None:
            self.recorder.write(exchange, exchange.request.document, outcome, came)

    def configure(self, settings: AsgiSettings, *, fail_closed: bool) -> None:
        """Take new settings; exchanges under way go on under whichever they meet.

        `threads` keeps the value of the start.
        """
        self.identifier = self.identifier.configured(settings.identity, settings.address)
        self.settings = settings
        self.cors.configure(settings.cors)
        self.ledger.limit = settings.body.max_held_bytes
        self.fail_closed = fail_closed
