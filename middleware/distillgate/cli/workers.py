"""`distillgate serve --workers`: the process above the workers, and what each of them runs."""

import asyncio
import contextlib
import pickle
import sys
import time
from collections import deque
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from distillgate.assembly import secret_of
from distillgate.cli.sidecar import announce, quiet_others, run_sidecar
from distillgate.cli.terminal import complain
from distillgate.config.schema import Config
from distillgate.config.watch import Watcher
from distillgate.errors import ConfigError, DistillgateError
from distillgate.proxy.listen import reserve
from distillgate.proxy.supervisor import COMPLETE, METRICS, Place, Supervisor, command
from distillgate.telemetry import Telemetry
from distillgate.telemetry.metrics import SHARED, forget


class _Start(NamedTuple):
    """What a worker is started with."""

    config: Config
    """Of the start, for what is read only then: the same for all."""
    latest: Config | None
    """As it was reloaded since."""
    path: Path | None
    place: Place


def supervise(config: Config, path: Path | None) -> None:
    """Run `proxy.workers` workers until told to end. Raises `ConfigError` or `SystemExit`."""
    quiet_others()
    telemetry = Telemetry(config.telemetry)
    secret = secret_of(config, telemetry)
    host = config.proxy.host
    with _folder() as folder, reserve(host, config.proxy.port) as port:
        number = port.getsockname()[1]
        proxy = config.proxy.model_copy(update={"port": number})
        config = config.model_copy(update={"proxy": proxy})
        shared = Path(folder)
        (shared / METRICS).mkdir()
        reloaded, started = deque[Config](maxlen=1), time.time()

        def start(worker: int, ready: int) -> bytes:
            place = Place(worker, shared, secret, started, ready)
            return pickle.dumps(
                _Start(_of(worker, config), reloaded[-1] if reloaded else None, path, place)
            )

        supervisor = Supervisor(
            config.proxy.workers,
            command(__name__),
            start,
            observer=telemetry,
            environ={SHARED: str(shared / METRICS)},
        )

        def complete() -> None:
            (shared / COMPLETE).touch()
            telemetry.event("workers_ready", workers=config.proxy.workers, host=host, port=number)
            announce(config, host, number)

        supervisor.on_complete = complete
        supervisor.on_ended = lambda process: forget(process, shared / METRICS)
        code = asyncio.run(_watched(supervisor, reloaded, path, config.reload_interval))
    telemetry.close()
    if code:
        raise SystemExit(code)


def _folder() -> TemporaryDirectory[str]:
    """Make the folder that workers share. Raises `ConfigError` where there is no place for it."""
    try:
        return TemporaryDirectory("", "distillgate-")
    except OSError as error:
        text = "more than one needs a folder for temporary files that can be written to (TMPDIR)"
        raise ConfigError(f"proxy.workers: {text}: {error.strerror}") from None


async def _watched(
    supervisor: Supervisor, reloaded: deque[Config], path: Path | None, interval: float
) -> int:
    """Run the workers; take what is `reloaded` down for those that are started again."""
    if path is None:
        return await supervisor.run()
    # What is wrong with the file, the workers tell.
    watcher = Watcher(path, apply=reloaded.append, complain=lambda _: None, interval=interval)
    supervisor.on_hangup = watcher.request
    watching = asyncio.get_running_loop().create_task(watcher.run())
    try:
        return await supervisor.run()
    finally:
        watching.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watching


def _of(worker: int, config: Config) -> Config:
    """Return a worker's own configuration: a traffic log has one writer."""
    if config.record.path is None:
        return config
    path = Path(config.record.path)
    name, dot, suffixes = path.name.partition(".")
    own = str(path.with_name(f"{name}.worker-{worker}{dot}{suffixes}"))
    record = config.record.model_copy(update={"path": own})
    return config.model_copy(update={"record": record})


def main() -> None:
    """Run one worker; what it is started with comes from the process above."""
    start: _Start = pickle.load(sys.stdin.buffer)  # noqa: S301  (from our own process)
    try:
        run_sidecar(start.config, start.path, start.place, start.latest)
    except DistillgateError as error:
        complain(str(error))
        raise SystemExit(2) from None


if __name__ == "__main__":
    main()
