"""The log that settings name; what it needs is imported only then."""

from collections.abc import Callable
from pathlib import Path

from distillgate.errors import needs
from distillgate.log.log import Log
from distillgate.log.settings import LogSettings


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
