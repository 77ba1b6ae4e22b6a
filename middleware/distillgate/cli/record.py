"""`distillgate record`: the sidecar, writing down everything that passes."""

from pathlib import Path
from typing import Annotated

import typer

from distillgate.cli.options import ConfigOption, HostOption, PortOption, UpstreamOption
from distillgate.cli.serve import adjusted, run
from distillgate.config.schema import Config
from distillgate.errors import of_file
from distillgate.traffic.rotate import RotatingFile

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
