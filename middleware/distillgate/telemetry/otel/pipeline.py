"""What sends spans and metrics to the collector, off the path, until it is closed."""

import os
import socket

from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from distillgate.telemetry.otel.metrics import Collect, MetricSender
from distillgate.telemetry.otel.settings import OtelSettings
from distillgate.telemetry.otel.spans import Tracer
from distillgate.telemetry.version import VERSION

PATIENCE = 2.0
"""Seconds that the last spans and metrics get when the gate ends."""


class Pipeline:
    """Sends by what the settings say; `collect` reads the metrics, None where none are counted."""

    def __init__(self, settings: OtelSettings, collect: Collect | None) -> None:
        assert settings.endpoint is not None
        base, resource = settings.endpoint.rstrip("/"), _resource()
        self.tracer: Tracer | None = None
        self._provider: TracerProvider | None = None
        self._metrics: MetricSender | None = None
        if settings.traces:
            self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
            exporter = OTLPSpanExporter(f"{base}/v1/traces")
            self._provider.add_span_processor(BatchSpanProcessor(exporter))
            self.tracer = Tracer(self._provider)
        if settings.metrics and collect is not None:
            metrics = OTLPMetricExporter(f"{base}/v1/metrics")
            self._metrics = MetricSender(metrics, resource, collect)

    def close(self) -> None:
        """Send what is on its way, and end."""
        if self._provider is not None:
            self._provider.force_flush(int(PATIENCE * 1000))
            self._provider.shutdown()
        if self._metrics is not None:
            self._metrics.close(PATIENCE)


def _resource() -> Resource:
    """Return who sends: what the environment says (`OTEL_RESOURCE_ATTRIBUTES`) goes first."""
    own = {
        "service.name": "distillgate",
        "service.version": VERSION,
        "service.instance.id": f"{socket.gethostname()}-{os.getpid()}",
    }
    return Resource(own).merge(OTELResourceDetector().detect())
