"""The log: one JSON object a line, in a private logger that leaves the host's structlog alone."""

import json
from collections.abc import Mapping
from typing import Any, Literal

import orjson
import structlog
from pydantic import Field
from structlog.typing import EventDict, FilteringBoundLogger, WrappedLogger

from distillgate.settings import Settings
from distillgate.telemetry.spool import Spool
from distillgate.text import visible_json


class LogSettings(Settings):
    """What is logged, and where to."""

    level: Literal["debug", "info", "warning", "error", "off"] = "info"
    """The mildest level that is written; `off` writes nothing."""
    destination: str = "stderr"
    """`stderr`, `stdout`, or the path of a file to append to."""
    sample: int = Field(default=0, ge=0)
    """Log every how-many-th allowed exchange; 0 is none. Restricted ones always are."""
    repeat_seconds: float = Field(default=60.0, ge=0)
    """How long an observed account's line is not written again while it would say the same."""
    lines: int = Field(default=10_000, ge=1)
    """Lines kept while the destination is slow; beyond, they are dropped and counted."""


LEVELS: Mapping[str, str] = {
    "cut": "warning",
    "failed_open": "error",
    "fleet_gap": "warning",
    "fleet_local": "warning",
    "fleet_lost": "warning",
    "no_key": "warning",
    "recording": "warning",
    "reload_failed": "error",
    "unread": "debug",
    "upstream_failed": "warning",
    "worker_ended": "warning",
}
"""The level of an event by its name; `info` for every other."""


class Log:
    """Writes events. Cheap enough for the event loop (some 10 microseconds), and never raises.

    `labels` go into every line.
    """

    def __init__(self, settings: LogSettings, labels: Mapping[str, Any] | None = None) -> None:
        self._spool = Spool(settings.destination, settings.lines)
        self._logger = None
        if settings.level != "off":
            self._logger = _logger(self._spool, settings.level).bind(**(labels or {}))

    def event(self, name: str, **fields: Any) -> None:
        """Write an event. Fields are opaque names and numbers: no prompt, no key, no address."""
        if self._logger is not None:
            getattr(self._logger, LEVELS.get(name, "info"))(name, **fields)

    def close(self) -> None:
        """Write what is still on its way."""
        self._spool.close()


def _logger(spool: Spool, level: str) -> FilteringBoundLogger:
    """Build the logger, every part named: what the host gave `structlog.configure` is ignored."""
    logger: FilteringBoundLogger = structlog.wrap_logger(
        spool,
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        context_class=dict,
        cache_logger_on_first_use=True,
    ).bind()
    return logger


def _render(_: WrappedLogger, __: str, event: EventDict) -> bytes:
    """Write JSON, whatever the fields hold."""
    try:
        return visible_json(orjson.dumps(event, default=str))
    except TypeError:  # lone surrogates, numbers past 64 bits, keys that are no strings
        return visible_json(json.dumps(event, default=str, skipkeys=True).encode())
