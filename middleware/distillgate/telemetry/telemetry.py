"""The one door to log and metrics. Nothing behind it raises: what is only told must not harm."""

import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from traceback import walk_tb
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from distillgate.actions.effect import Effect
from distillgate.losses import Losses
from distillgate.policy.decision import Decision
from distillgate.settings import Settings
from distillgate.telemetry.decision_lines import DecisionLines, mode_of
from distillgate.telemetry.log import Log, LogSettings
from distillgate.telemetry.metrics import Labelled, Metrics
from distillgate.telemetry.otel.sender import Sender
from distillgate.telemetry.otel.settings import OtelSettings
from distillgate.telemetry.vitals import Vitals
from distillgate.wire.operation import Operation


class TelemetrySettings(Settings):
    """What the gate tells of itself."""

    log: LogSettings = Field(default_factory=LogSettings)
    """The log: one JSON object a line."""
    metrics: bool = True
    """Show what is counted to Prometheus."""
    registry: Literal["own", "host"] = "own"
    """Whose registry shows the metrics: the gate's `own`, on the operator's pages; or also the
    `host` process's default one, for a host that has a metrics page already. Read at the start."""
    otel: OtelSettings = Field(default_factory=OtelSettings)
    """OpenTelemetry: traces, and the metrics once more, sent to a collector."""


if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

    from distillgate.telemetry.history import History

FILES = ("log", "audit", "record")
"""What is written: the log, the audit log, the traffic log."""
FRAMES = 5
"""Innermost frames of an error a log line names."""


class Telemetry:
    """Tells what happened. Belongs to the event loop.

    `labels` go into every line of the log; `shared` is the folder in which several processes count
    together. Raises `ConfigError` where what is wanted is not installed.
    """

    def __init__(
        self,
        settings: TelemetrySettings | None = None,
        *,
        labels: dict[str, Any] | None = None,
        shared: Path | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings or TelemetrySettings()
        self._labels = labels
        self.losses = {name: Losses() for name in FILES}
        """What could not be written, by what is written."""
        self._log = Log(self._settings.log, labels, self.losses["log"])
        self._metrics = Metrics(shared, refresh=self._measure)
        for name, losses in self.losses.items():
            losses.count = partial(_count, self._metrics.lost_lines, name)
        self._clock = clock
        self._lines = DecisionLines(self._settings.log, clock)
        self.vitals: Callable[[], Vitals] | None = None
        """Returns how it stands with the gate; asked whenever metrics are read."""
        self.registry: CollectorRegistry | None = None
        """A registry of the host's own, which shows the metrics too."""
        self.failures: Counter[str] = Counter()
        """Errors of our own that let an exchange pass, by where they were."""
        self.history: History | None = None
        """What the console draws; None where nobody can look at it."""
        self.listeners: list[Callable[[Decision, Effect], object]] = []
        """Hear what clients got. They never raise."""
        self.otel = Sender(self._settings.otel)

    def configure(self, settings: TelemetrySettings) -> None:
        """Adopt new settings; counters keep their values."""
        if settings.log != self._settings.log:
            self._log.close()
            self._log = Log(settings.log, self._labels, self.losses["log"])
            self._lines = DecisionLines(settings.log, self._clock)
        if not settings.metrics:
            self._metrics.withdraw()
        self._settings = settings

    def exchange(self, operation: Operation, decision: Decision) -> None:
        """Count a judged exchange."""
        mode = mode_of(decision)
        self._metrics.exchanges.add(operation.name, decision.action.label, mode)
        if decision.replayed:
            self._metrics.replays.add(decision.replayed)

    def ended(self, operation: Operation, decision: Decision, effect: Effect) -> None:
        """Count what a client got; log an exchange of which there is something to tell."""
        if self.history is not None:
            self.history.add(decision, effect)
        self._metrics.ended(decision, effect)
        self.fetched(decision, effect)
        line = self._lines.of(operation, decision, effect)
        if line is not None:
            self._log.event("decision", **line)

    def fetched(self, decision: Decision, effect: Effect) -> None:
        """Tell whoever listens what a client got; what is fetched is not counted again."""
        for listener in self.listeners:
            listener(decision, effect)

    def timed(self, seconds: float) -> None:
        """Record how long a decision took, from the last byte read."""
        self._metrics.decision.observe(seconds)

    def tokens(self, prompt: int | None = None, completion: int | None = None) -> None:
        """Add up the tokens of an answer that was fetched later, as far as they are known."""
        self._metrics.spend(prompt, completion)

    def unread(self, operation: Operation | None, reason: str, *, answered: str = "") -> None:
        """Count a request that was not read, or not in one way; `reason` is a word of ours.

        Those of no known call are many where the host has paths of its own, and are not logged.
        """
        self._metrics.unread.add(reason)
        name = operation.name if operation is not None else ""
        if answered:
            self._log.event("turned_away", operation=name, reason=reason, reference=answered)
        elif operation is not None:
            self._log.event("unread", operation=name, reason=reason)

    def failed(self, where: str, error: BaseException) -> None:
        """Count and log an error of our own that let an exchange pass.

        The log names the error's type and the lines it came through. Its message is left out: it
        may quote what was being read.
        """
        self.failures[where] += 1
        self._metrics.failed.add(where)
        frames = [
            f"{frame.f_globals.get('__name__')}:{line}"
            for frame, line in walk_tb(error.__traceback__)
        ]
        self._log.event("failed_open", where=where, error=type(error).__name__, at=frames[-FRAMES:])

    def surged(self, **fields: Any) -> None:
        """Count and log that an account's key may be stolen."""
        self._metrics.surges.inc()
        self._log.event("unusual_use", **fields)

    def logged(self, what: str, entries: int) -> None:
        """Count entries of the log; `what` is a word of ours (`appended`, ...)."""
        self._metrics.log.entries.add(what, amount=entries)

    def log_state(self, *, local: bool, lag: float, backlog: int) -> None:
        """Set how it stands with the log: see `log.replicator.Observer`."""
        self._metrics.log.local.set(local)
        self._metrics.log.lag.set(lag)
        self._metrics.log.backlog.set(backlog)

    def upstream_error(self, kind: str, **fields: Any) -> None:
        """Count and log a failure of the upstream; `kind` is a word of ours (`connect`, ...)."""
        self._metrics.upstream_errors.add(kind)
        self._log.event("upstream_failed", kind=kind, **fields)

    def refused(self, status: int) -> None:
        """Count a request that was refused before it was one; `status` is one of ours."""
        self._metrics.refused_clients.add(str(status))

    def access_refused(self, why: str) -> None:
        """Count somebody whom the operator's pages refused; `why` is a word of ours."""
        self._metrics.access_refused.add(why)

    def event(self, name: str, **fields: Any) -> None:
        """Log something rare: `reloaded`, `pardoned`, `listening`. No prompts, no keys."""
        if self.history is not None:
            self.history.mark(name)
        self._log.event(name, **fields)

    def open(self) -> None:
        """Show the metrics in the host's registry, and send what is to be sent."""
        shown = self._settings.metrics
        self.otel.open(self._metrics.collect if shown else None)
        if not shown:
            return
        try:
            if self.registry is not None:
                self._metrics.share(self.registry)
            elif self._settings.registry == "host":
                self._metrics.share()
        except ValueError:
            self._log.event("metrics_hidden", reason="the host's registry has them of another gate")

    @property
    def losing(self) -> list[str]:
        """What is to be written and is not, right now: some of `FILES`."""
        return [name for name, losses in self.losses.items() if losses.failing]

    def render(self) -> bytes:
        """Write the metrics in Prometheus' text format; empty where they are switched off."""
        return self._metrics.render() if self._settings.metrics else b""

    def close(self) -> None:
        """Write what is still on its way; telemetry may go on afterwards."""
        self.otel.close()
        self._metrics.withdraw()
        self._log.close()

    def _measure(self) -> None:
        """Set what is only known when it is asked for."""
        if self.vitals is not None:
            self._metrics.vitals.set(self.vitals())


def _count(lost: Labelled, name: str, lines: int) -> None:
    lost.add(name, amount=lines)
