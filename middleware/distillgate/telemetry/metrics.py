"""Prometheus metrics, in a registry of their own, without a label a client could multiply.

Names and units follow Prometheus' conventions; there is no label for accounts, models or paths.
"""

from collections.abc import Callable, Iterable
from functools import partial
from itertools import product
from pathlib import Path
from typing import get_args

from prometheus_client import (
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Metric,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

from distillgate.actions.bands import Measure
from distillgate.actions.effect import RESULTS, Effect
from distillgate.dialects.registry import OPERATIONS
from distillgate.policy.decision import Action, Decision
from distillgate.telemetry.version import VERSION
from distillgate.telemetry.vitals import NAMESPACE, VitalMetrics


class Labelled:
    """A counter with labels. Its children are kept: looking one up costs more than counting.

    Those that are `known` stand at 0 from the start: no alert sees the first of a series that was
    not there before.
    """

    def __init__(
        self,
        registry: CollectorRegistry,
        name: str,
        text: str,
        *labels: str,
        known: Iterable[tuple[str, ...] | str] = (),
    ) -> None:
        self._counter = Counter(name, text, labels, namespace=NAMESPACE, registry=registry)
        self._children: dict[tuple[str, ...], Counter] = {}
        for one in known:
            self.add(*((one,) if isinstance(one, str) else one), amount=0)

    def add(self, *labels: str, amount: float = 1) -> None:
        """Count. The caller bounds the labels: they are words of the code, not of a client."""
        child = self._children.get(labels)
        if child is None:
            child = self._children[labels] = self._counter.labels(*labels)
        child.inc(amount)


SHARED = "PROMETHEUS_MULTIPROC_DIR"
"""The variable that makes Prometheus' client count in a folder. It is read when that is imported,
so who starts a process sets it."""

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
"""What `Metrics.render` gives (the Prometheus text exposition format)."""

UNREAD = (
    "anonymous", "malformed", "encoding", "expansion", "complex", "ambiguous", "headers", "unknown",
    "oversize", "crowded", "websocket",
)  # fmt: skip
"""Why a request is not read, or not in one way only."""
FAILED = (
    "identify", "judge", "count", "rewrite", "tap", "finish", "warm", "record", "audit", "log",
    "apply", "webhook",
)  # fmt: skip
"""Where the gate itself may fail."""
LATENCIES = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300)
"""Seconds of an answer, streamed ones to their end."""
BUCKETS = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25)
"""Seconds. The budget of a decision lies between 0.4 and 10 milliseconds."""


class LogMetrics:
    """How it stands with the log."""

    def __init__(self, registry: CollectorRegistry) -> None:
        gauge = partial(Gauge, namespace=NAMESPACE, registry=registry)
        self.entries = Labelled(
            registry,
            "log_entries",
            "Entries of the log.",
            "what",
            known=("appended", "applied", "lost", "dropped", "damaged", "told", "heard", "unread"),
        )
        self.local = gauge(
            "log_local",
            "1 while this process applies its own entries without the log.",
            multiprocess_mode="livemax",
        )
        self.lag = gauge(
            "log_lag_seconds",
            "From when the last batch was appended to when it was applied here.",
            multiprocess_mode="livemax",
        )
        self.backlog = gauge(
            "log_backlog_bytes", "Own entries that have not come back.", multiprocess_mode="livesum"
        )


class Metrics:
    """Every metric of one gate; of all the processes that count in the folder `shared`, if any.

    `refresh` is called before every reading, to set what is only known when it is asked for.
    """

    def __init__(
        self, shared: Path | None = None, *, refresh: Callable[[], None] = lambda: None
    ) -> None:
        self._shared = shared
        self.refresh = refresh
        self._shown: tuple[CollectorRegistry, Guest] | None = None
        self.registry = registry = CollectorRegistry()
        counter = partial(Labelled, registry)
        timed = partial(Histogram, namespace=NAMESPACE, registry=registry)
        self.exchanges = counter(
            "exchanges",
            "Exchanges judged.",
            "operation",
            "action",
            "mode",
            known=product(
                [operation.name for operation in OPERATIONS],
                [action.label for action in Action],
                ("shadow", "enforce"),
            ),
        )
        self.outcomes = counter(
            "outcomes",
            "Judged exchanges by what the client got, and why.",
            "result",
            "cause",
            known=product(RESULTS, ("none", "suspicion", "budget", "binding")),
        )
        self.measures = counter(
            "measures",
            "Exchanges that a measure changed.",
            "measure",
            known=(*get_args(Measure), "binding"),
        )
        self.spared = counter(
            "spared",
            "Exchanges that would have been restricted, by why they were not.",
            "reason",
            known=("shadow", "exempt", "hold_out", "held", "rollout", "onset"),
        )
        self.tokens = counter(
            "tokens", "Tokens of judged exchanges.", "direction", known=("input", "output")
        )
        self.unread = counter(
            "unread", "Requests that cannot be read in one way only.", "reason", known=UNREAD
        )
        self.replays = counter(
            "reasoning_replays",
            "Requests with sealed reasoning that belongs elsewhere.",
            "breach",
            known=("account", "context", "model"),
        )
        self.surges = Counter(
            "unusual_use",
            "Bursts of a model or call that an account never used: its key may be stolen.",
            namespace=NAMESPACE,
            registry=registry,
        )
        self.failed = counter(
            "failed_open", "Exchanges let pass by an own error.", "where", known=FAILED
        )
        self.upstream_errors = counter(
            "upstream_errors",
            "Upstream failures answered by us.",
            "kind",
            known=("connect", "timeout", "broken", "request"),
        )
        self.refused_clients = counter(
            "refused_clients",
            "Requests that the server refused.",
            "status",
            known=("400", "408", "414", "431", "503"),
        )
        self.access_refused = counter(
            "access_refused",
            "Requests that the operator's pages refused.",
            "why",
            known=("anonymous", "wrong_key", "role", "forged", "path", "network", "port"),
        )
        self.lost_lines = counter(
            "lost_lines",
            "Lines that could not be written.",
            "file",
            known=("log", "audit", "record"),
        )
        self.decision = timed(
            "decision_seconds", "From a request's last byte read to its decision.", buckets=BUCKETS
        )
        self.upstream = timed(
            "exchange_seconds",
            "From a forwarded request's last byte to its answer's, the upstream's time included.",
            buckets=LATENCIES,
        )
        self.vitals = VitalMetrics(registry, VERSION)
        if shared is None:
            ProcessCollector(namespace=NAMESPACE, registry=registry)
        self.log = LogMetrics(registry)

    def ended(self, decision: Decision, effect: Effect) -> None:
        """Count what a client got for an exchange."""
        self.outcomes.add(effect.result, effect.cause or "none")
        self.spend(effect.prompt_tokens, effect.completion_tokens)
        if effect.latency is not None:
            self.upstream.observe(effect.latency)
        for measure in effect.measures:
            self.measures.add(measure)
        if decision.enforced or not decision.unadjusted.restricts:
            return
        restricts = decision.action.restricts
        self.spared.add((decision.not_enforced or "shadow") if restricts else "exempt")

    def spend(self, prompt: int | None, completion: int | None) -> None:
        """Add up tokens, as far as they are known."""
        if prompt:
            self.tokens.add("input", amount=prompt)
        if completion:
            self.tokens.add("output", amount=completion)

    def collect(self) -> Iterable[Metric]:
        """Return every metric as it stands; of one process, where several count together."""
        self.refresh()
        return self.registry.collect()

    def render(self) -> bytes:
        """Write every metric in the text exposition format; `CONTENT_TYPE` names it."""
        self.refresh()
        if self._shared is None:
            return generate_latest(self.registry)
        gathered = CollectorRegistry()
        folder = str(self._shared)
        MultiProcessCollector(gathered, path=folder)  # type: ignore[no-untyped-call] # has no types
        return generate_latest(gathered)

    def share(self, host: CollectorRegistry = REGISTRY) -> None:
        """Show every metric in the host's registry too. Raises `ValueError` where it has them."""
        if self._shown is None:
            guest = Guest(self)
            host.register(guest)
            self._shown = host, guest

    def withdraw(self) -> None:
        """Remove the metrics from the host's registry."""
        shown, self._shown = self._shown, None
        if shown is not None:
            host, guest = shown
            host.unregister(guest)


class Guest(Collector):
    """One gate's metrics as a collector of another registry."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def collect(self) -> Iterable[Metric]:
        """Return every metric as it stands."""
        return self._metrics.collect()


def forget(process: int, shared: Path) -> None:
    """Leave a process that ended out of what only the living have; its counts stay."""
    mark_process_dead(process, str(shared))  # type: ignore[no-untyped-call] # has no types
