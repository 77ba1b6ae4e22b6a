"""`distillgate serve`, and `record`: the gate as a sidecar, in front of any service."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from distillgate.cli.options import (
    ConfigOption,
    HostOption,
    PortOption,
    UpstreamOption,
    WorkersOption,
)
from distillgate.cli.terminal import complain
from distillgate.config.load import load
from distillgate.config.review.review import examined
from distillgate.config.schema import Config
from distillgate.errors import ConfigError, needs, of_file
from distillgate.proxy.listen import available, probe, verify
from distillgate.traffic.rotate import RotatingFile

Adjust = Callable[[Config], Config]
"""What the command line changes of a configuration."""


def serve(
    config: ConfigOption = None,
    upstream: UpstreamOption = None,
    host: HostOption = None,
    port: PortOption = None,
    workers: WorkersOption = None,
) -> None:
    """Run the gate as a sidecar: clients on one side, the upstream on the other."""
    changes = {"upstream": upstream, "host": host, "port": port, "workers": workers}
    run(config, lambda settings: adjusted(settings, "proxy", changes))


def adjusted(config: Config, section: str, changes: dict[str, Any]) -> Config:
    """Put options of the command line over one section; None leaves a setting as it is.

    Raises `ConfigError` that names the option.
    """
    given = {name: value for name, value in changes.items() if value is not None}
    settings = getattr(config, section)
    try:
        settings = type(settings).model_validate(settings.model_dump() | given)
    except ValidationError as error:
        mistakes = [(details["loc"][0], details["msg"]) for details in error.errors()]
        raise ConfigError("\n".join(f"--{name}: {text}" for name, text in mistakes)) from None
    return config.model_copy(update={section: settings})


def run(path: Path | None, adjust: Adjust) -> None:
    """Serve until told to end. Raises `ConfigError` for a configuration that cannot be used.

    What `adjust` changes must be read at the start only: a reload goes by the file alone.
    """
    with needs("sidecar"):
        from distillgate.cli.sidecar import run_sidecar
        from distillgate.cli.workers import supervise

    config = adjust(load(path))
    for doubt in examined(config, path, now=time.time()):
        complain(f"{doubt} (warning)")
    verify(config.proxy)
    probe(config.proxy)
    if config.admin.address is not None:
        available(*config.admin.address)
    if config.proxy.workers > 1:
        supervise(config, path)
    else:
        run_sidecar(config, path)


OutOption = Annotated[
    Path,
    typer.Option("--out", "-o", metavar="FILE", help="The traffic log to append to (.gz too)."),
]


def record(
    out: OutOption,
    config: ConfigOption = None,
    upstream: UpstreamOption = None,
    host: HostOption = None,
    port: PortOption = None,
) -> None:
    """Run the sidecar and keep every prompt and answer in a traffic log, in plain text."""
    _try(out)
    # One log in one order is one process's to write.
    proxy = {"upstream": upstream, "host": host, "port": port, "workers": 1}

    def adjust(settings: Config) -> Config:
        return adjusted(adjusted(settings, "proxy", proxy), "record", {"path": str(out)})

    run(config, adjust)


def _try(out: Path) -> None:
    """Find out before the first request whether the file can be written at all."""
    file = RotatingFile(out, max_bytes=1, keep=0)
    with of_file(out, "cannot be recorded to: "):
        file.open()
        file.close()
