"""The metrics of Prometheus' registry, in OpenTelemetry's form, sent by a thread of its own.

They are counted once, for Prometheus, and read from there: one count, two ways to see it.
"""

import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby, pairwise

from opentelemetry.sdk.environment_variables import OTEL_METRIC_EXPORT_INTERVAL
from opentelemetry.sdk.metrics.export import (
    AggregationTemporality,
    Gauge,
    Histogram,
    HistogramDataPoint,
    Metric,
    MetricExporter,
    MetricsData,
    NumberDataPoint,
    ResourceMetrics,
    ScopeMetrics,
    Sum,
)
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from prometheus_client import Metric as Family
from prometheus_client.samples import Sample

_SCOPE = InstrumentationScope("distillgate")
_CUMULATIVE = AggregationTemporality.CUMULATIVE
_UNITS = {"seconds": "s", "bytes": "By"}
"""The unit that a name ends in, by UCUM."""

Collect = Callable[[], Iterable[Family]]


class MetricSender:
    """Sends the metrics at intervals, and once more at the end."""

    def __init__(self, exporter: MetricExporter, resource: Resource, collect: Collect) -> None:
        self._exporter = exporter
        self._resource = resource
        self._collect = collect
        self._began = time.time_ns()
        self._ending = threading.Event()
        self._seconds = float(os.environ.get(OTEL_METRIC_EXPORT_INTERVAL, "60000")) / 1000
        self._thread = threading.Thread(target=self._run, name="distillgate-otlp", daemon=True)
        self._thread.start()

    def close(self, seconds: float) -> None:
        """Send once more, and end; what a collector that hangs did not take by then is lost."""
        self._ending.set()
        self._thread.join(seconds)

    def _run(self) -> None:
        while not self._ending.wait(self._seconds):
            self._send()
        self._send()
        self._exporter.shutdown()

    def _send(self) -> None:
        self._exporter.export(converted(self._collect(), self._resource, self._began))


def converted(families: Iterable[Family], resource: Resource, began: int) -> MetricsData:
    """Return metrics in OpenTelemetry's form; they count from `began`, in nanoseconds."""
    now = time.time_ns()
    found = [metric for family in families if (metric := _metric(family, began, now)) is not None]
    scope = ScopeMetrics(_SCOPE, found, "")
    return MetricsData([ResourceMetrics(resource, [scope], "")])


def _metric(family: Family, began: int, now: int) -> Metric | None:
    samples = [one for one in family.samples if not one.name.endswith("_created")]
    points = [NumberDataPoint(one.labels, began, now, one.value) for one in samples]
    data: Sum | Gauge | Histogram
    if family.type == "histogram":
        data = Histogram(list(_histograms(samples, began, now)), _CUMULATIVE)
    elif family.type == "counter":
        data = Sum(points, _CUMULATIVE, is_monotonic=True)
    else:
        data = Gauge(points)
    unit = _UNITS.get(family.name.rpartition("_")[2], "1")
    return Metric(family.name, family.documentation, unit, data) if samples else None


def _histograms(samples: list[Sample], began: int, now: int) -> Iterator[HistogramDataPoint]:
    """Put Prometheus' samples of a histogram together: its buckets hold all that is below."""

    def labels(sample: Sample) -> dict[str, str]:
        return {name: value for name, value in sample.labels.items() if name != "le"}

    for own, group in groupby(samples, labels):
        bounds: list[float] = []
        below: list[float] = [0.0]
        total = 0.0
        for sample in group:
            if sample.name.endswith("_bucket"):
                bounds.append(float(sample.labels["le"]))
                below.append(sample.value)
            elif sample.name.endswith("_sum"):
                total = sample.value
        counts = [int(upper - lower) for lower, upper in pairwise(below)]
        known = own, began, now, int(below[-1]), total, counts, bounds[:-1]
        yield HistogramDataPoint(*known, None, None)  # type: ignore[arg-type] # not known
