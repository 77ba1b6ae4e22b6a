"""`distillgate version`."""

import typer

from distillgate.telemetry.version import VERSION


def version() -> None:
    """Print the version."""
    typer.echo(f"distillgate {VERSION}")
