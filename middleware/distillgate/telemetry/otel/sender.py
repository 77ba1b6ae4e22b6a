"""OpenTelemetry as the gate's telemetry has it: nothing is imported where nothing is sent."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from prometheus_client import Metric

from distillgate.errors import needs
from distillgate.telemetry.otel.settings import OtelSettings

if TYPE_CHECKING:
    from distillgate.telemetry.otel.pipeline import Pipeline
    from distillgate.telemetry.otel.spans import Tracer


class Sender:
    """Sends from `open` to `close`, where an endpoint is named. Raises `ConfigError` where the
    extra is missing.
    """

    def __init__(self, settings: OtelSettings) -> None:
        self._settings = settings
        self._kind = None if settings.endpoint is None else _imported()
        self._pipeline: Pipeline | None = None

    @property
    def tracer(self) -> "Tracer | None":
        """What begins the spans of exchanges, while they are sent."""
        return None if self._pipeline is None else self._pipeline.tracer

    def open(self, collect: Callable[[], Iterable[Metric]] | None) -> None:
        """Begin to send; `collect` reads the metrics, None where none are counted."""
        if self._kind is not None and self._pipeline is None:
            self._pipeline = self._kind(self._settings, collect)

    def close(self) -> None:
        """Send what is on its way, and end; it may be opened again."""
        pipeline, self._pipeline = self._pipeline, None
        if pipeline is not None:
            pipeline.close()


def _imported() -> "type[Pipeline]":
    with needs("otel"):
        from distillgate.telemetry.otel.pipeline import Pipeline
    return Pipeline
