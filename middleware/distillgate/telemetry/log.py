"""The log: one JSON object a line, apart from whatever the host logs with."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, ClassVar, Literal

import orjson
from pydantic import Field

from distillgate.losses import Losses
from distillgate.settings import Settings
from distillgate.telemetry.forms import FORMS, Form, Line
from distillgate.telemetry.spool import Spool
from distillgate.text import visible_json

_LINES = 10_000
"""Lines kept while the destination is slow; beyond, they are dropped and counted."""


class LogSettings(Settings):
    """What is logged, and where to."""

    level: Literal["debug", "info", "warning", "error", "off"] = "info"
    """The mildest level that is written; `off` writes nothing."""
    form: Form = "native"
    """Whose words the lines are in: the gate's own, the Elastic Common Schema's (`ecs`), or the
    Open Cybersecurity Schema Framework's (`ocsf`); both hold the native line too."""
    destination: str = "stderr"
    """`stderr`, `stdout`, or the path of a file to append to."""
    sample: int = Field(default=0, ge=0)
    """Log every how-many-th allowed exchange; 0 is none. Restricted ones always are."""
    repeat_seconds: ClassVar[float] = 60.0
    """How long an observed account's line is not written again while it would say the same."""


SCHEMA = 2
"""The version of the lines' form: higher where a field changes its name or meaning, or is gone."""

_NOT_INFO: Mapping[str, Sequence[str]] = {
    "debug": ("unread",),
    "warning": (
        "campaign_appeared", "campaign_grew", "cells_lost", "cells_off", "config_doubtful", "cut",
        "dropped", "log_gap", "log_local", "log_lost", "log_off", "log_set_aside",
        "metrics_hidden", "mounted_twice", "no_key", "no_lifespan", "recording",
        "snapshot_failed", "unusual_use", "upstream_failed", "worker_ended",
    ),
    "error": ("failed_open", "log_damaged", "reload_failed", "snapshot_damaged"),
}  # fmt: skip
LEVELS = {event: level for level, events in _NOT_INFO.items() for event in events}
"""The level of an event by its name; `info` for every other."""


_SEVERITY: Mapping[str, int] = {"debug": 0, "info": 1, "warning": 2, "error": 3, "off": 4}


class Log:
    """Writes events. Cheap enough for the event loop (some microseconds), and never raises.

    `labels` go into every line; `losses` hears of those that could not be written.
    """

    def __init__(
        self,
        settings: LogSettings,
        labels: Line | None = None,
        losses: Losses | None = None,
    ) -> None:
        self._mildest = _SEVERITY[settings.level]
        self._written = written = partial(_written, FORMS[settings.form], labels or {})
        gap = partial(_gap, written)
        self._spool = Spool(settings.destination, _LINES, losses, gap)

    def event(self, name: str, **fields: Any) -> None:
        """Write an event. Fields are opaque names and numbers: no prompt, no key, no address."""
        if _SEVERITY[LEVELS.get(name, "info")] >= self._mildest:
            self._spool.write(self._written(name, fields))

    def close(self) -> None:
        """Write what is still on its way."""
        self._spool.close()


def _written(form: Callable[[Line], Line], labels: Line, name: str, fields: Line) -> bytes:
    at = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    level = LEVELS.get(name, "info")
    line = {**labels, **fields, "event": name, "level": level, "timestamp": at, "schema": SCHEMA}
    return rendered(form(line))


def _gap(written: Callable[[str, Line], bytes], lines: int) -> bytes:
    """Write the line that tells how many were not. It knows no log, so that it keeps none."""
    return written("dropped", {"lines": lines})


def rendered(line: Mapping[str, Any]) -> bytes:
    """Write JSON, whatever the fields hold."""
    try:
        return visible_json(orjson.dumps(line, default=str))
    except TypeError:  # lone surrogates, numbers past 64 bits, keys that are no strings
        return visible_json(json.dumps(line, default=str, skipkeys=True).encode())
