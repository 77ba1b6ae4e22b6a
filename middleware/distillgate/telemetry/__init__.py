"""What operators see: log lines and Prometheus metrics; never a prompt, never a key."""

from distillgate.telemetry.log import LogSettings
from distillgate.telemetry.telemetry import Telemetry, TelemetrySettings

__all__ = ["LogSettings", "Telemetry", "TelemetrySettings"]
