"""Config -> what keeps and shares what is remembered: the log, and the other cells."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from distillgate.asgi.context import Clock
from distillgate.config.schema import Config
from distillgate.engine.engine import Engine
from distillgate.errors import needs
from distillgate.log.log import Log
from distillgate.log.settings import LogSettings
from distillgate.proxy.supervisor import Place
from distillgate.telemetry import Telemetry


def log_in(path: Path, settings: LogSettings, secret: bytes, clock: Callable[[], float]) -> Log:
    """Return the log in a file."""
    from distillgate.log.file import FileLog

    return FileLog(path, secret, poll=settings.batch_seconds / 2, clock=clock)


def named(settings: LogSettings, secret: bytes, clock: Callable[[], float]) -> Log | None:
    """Return the log that `settings` name, or None. Raises `ConfigError` for a missing extra."""
    if settings.url is not None:
        with needs("redis"):
            from distillgate.log.stream import StreamLog

        return StreamLog(settings, secret)
    return None if settings.path is None else log_in(Path(settings.path), settings, secret, clock)


if TYPE_CHECKING:
    from distillgate.cells.correspondent import Correspondent
    from distillgate.log.replicator import Replicator


def replicator(
    config: Config, place: Place | None, engine: Engine, clock: Clock, telemetry: Telemetry
) -> "Replicator | None":
    """Return what keeps an engine's state in a log, where there is one."""
    log = _log(config, place, clock, telemetry)
    if log is None:
        return None
    from distillgate.log.replicator import Replicator

    return Replicator(
        config.log, log, engine, secret=engine.secret, clock=clock, observer=telemetry
    )


def correspondent(
    config: Config, engine: Engine, clock: Clock, telemetry: Telemetry
) -> "Correspondent | None":
    """Return what tells other cells and hears of them, where a server is named."""
    if config.cells.url is None:
        return None
    if config.key is None:
        telemetry.event("cells_off", reason="without `key` no cell knows what another means")
        return None
    from distillgate.cells.correspondent import Correspondent

    secret = config.key.get_secret_value().encode()
    return Correspondent(config.cells, engine, secret=secret, clock=clock, observer=telemetry)


def _log(config: Config, place: Place | None, clock: Clock, telemetry: Telemetry) -> Log | None:
    """Return the log that is named, or else the one that workers share while they run."""
    settings = config.log
    if config.key is not None:
        log = named(settings, config.key.get_secret_value().encode(), clock)
        if log is not None:
            return log
    elif settings.path is not None or settings.url is not None:
        telemetry.event("log_off", reason="without `key` nothing that is kept can be read again")
    return None if place is None else log_in(place.log, settings, place.secret, clock)
