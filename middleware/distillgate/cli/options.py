"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config",
        "-c",
        envvar="DISTILLGATE_CONFIG",
        show_default="every setting's default",
        help="The configuration file (YAML).",
    ),
]
UpstreamOption = Annotated[
    str | None, typer.Option("--upstream", "-u", help="The service behind the gate.")
]
HostOption = Annotated[str | None, typer.Option("--host", help="The address to listen on.")]
PortOption = Annotated[
    int | None, typer.Option("--port", "-p", help="The port to listen on; 0 takes a free one.")
]
WorkersOption = Annotated[
    int | None, typer.Option("--workers", "-w", help="Processes that serve, for several cores.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")]
