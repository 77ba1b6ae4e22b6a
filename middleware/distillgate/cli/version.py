"""`distillgate version`."""

from importlib import metadata

import typer


def version() -> None:
    """Print the version."""
    try:
        number = metadata.version("distillgate")
    except metadata.PackageNotFoundError:
        number = "unknown (not installed, run from source)"
    typer.echo(f"distillgate {number}")
