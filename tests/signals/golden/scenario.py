"""Golden scenarios: traffic in virtual time, what must be said of it, and its honest twin.

A scenario is a row: the signal, the sentence, the traffic that shows it, and the traffic of an
honest customer who does nearly the same and must stay unrestricted. Both go through an engine of
their own, from the first exchange to the last. Writers of traffic are in `traffic`.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from random import Random
from typing import NamedTuple

from tests.engine.conftest import ANSWER, make_engine
from tests.intel.telling import tell

from distillgate.engine.engine import Engine, EngineSettings
from distillgate.policy.decision import Decision, Reason
from distillgate.wire.exchange import Exchange, Outcome

START = 1_771_286_400.0
"""The first moment of every scenario: Tuesday, 17 February 2026, 00:00 UTC."""


class Sent(NamedTuple):
    """One exchange of a scenario: when, what, and what became of it."""

    at: float
    exchange: Exchange
    outcome: Outcome = ANSWER


DEFAULT = EngineSettings()

Traffic = Callable[[Random], Iterable[Sent]]


@dataclass(frozen=True)
class Scenario:
    """One row of the table."""

    signal: str
    says: str
    """A regular expression that the signal's sentence matches."""
    traffic: Traffic
    """Whoever the signal must be raised of."""
    twin: Traffic
    """The honest customer who must stay below *throttle* at every exchange."""
    twin_is: str
    """Who that is, in words: the test's name."""
    twin_shows: bool = False
    """Whether the twin shows the signal too, as weak as it is; else it must be silent."""
    within: int | None = None
    """Exchanges after which the signal must have been raised at the latest."""
    restricts: bool = False
    """Whether this traffic is restricted; weak signals alone must not."""
    clears: bool = False
    """Whether the signal speaks for whoever it is raised of."""
    settings: EngineSettings = DEFAULT
    reported: str = ""
    """A prompt that another organisation told of before."""

    def is_said_by(self, reason: Reason) -> bool:
        """Return whether a reason is the signal, and speaks as it should."""
        return reason.signal == self.signal and (reason.llr < 0) == self.clears

    def __str__(self) -> str:
        return f"{self.signal}, not {self.twin_is}".replace(" ", "-")


class Judged(NamedTuple):
    """One exchange and what was decided."""

    sent: Sent
    decision: Decision


_PLAYED: dict[tuple[Traffic, int, str], tuple[Engine, list[Judged]]] = {}


def play(
    traffic: Traffic, settings: EngineSettings = DEFAULT, reported: str = ""
) -> tuple[Engine, list[Judged]]:
    """Send traffic through an engine of its own, once, in the order of its times."""
    key = traffic, id(settings), reported
    if key not in _PLAYED:
        engine = make_engine(settings)
        if reported:
            tell(engine, reported, START)
        sent = sorted(traffic(Random(1)), key=lambda sent: sent.at)
        _PLAYED[key] = engine, list(_through(engine, sent))
    return _PLAYED[key]


def _through(engine: Engine, traffic: Iterable[Sent]) -> Iterator[Judged]:
    for sent in traffic:
        decision = engine.begin(sent.exchange, sent.at)
        engine.finish(decision, sent.outcome, sent.at + 1.0)
        yield Judged(sent, decision)
