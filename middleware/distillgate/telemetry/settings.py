"""What the gate tells of itself: each part's own settings, composed."""

from typing import Literal

from pydantic import Field

from distillgate.settings import Settings
from distillgate.telemetry.log import LogSettings
from distillgate.telemetry.otel.settings import OtelSettings


class TelemetrySettings(Settings):
    """What the gate tells of itself."""

    log: LogSettings = Field(default_factory=LogSettings)
    """The log: one JSON object a line."""
    metrics: bool = True
    """Count for Prometheus."""
    registry: Literal["own", "host"] = "own"
    """Whose registry shows the metrics: the gate's `own`, on the operator's pages; or also the
    `host` process's default one, for a host that has a metrics page already. Read at the start."""
    otel: OtelSettings = Field(default_factory=OtelSettings)
    """OpenTelemetry: traces, and the metrics once more, sent to a collector."""
