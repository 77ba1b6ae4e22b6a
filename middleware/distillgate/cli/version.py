"""`distillgate version`."""

import typer

from distillgate.native import passes
from distillgate.telemetry.version import VERSION


def version() -> None:
    """Print the version, and what reads texts: compiled passes, or Python alone."""
    typer.echo(f"distillgate {VERSION} ({'Python' if passes is None else 'compiled'} passes)")
