"""`distillgate version`, `schema`, `completion`: what the program tells of itself."""

from typing import Annotated, Literal

import typer
from typer.completion import get_completion_script  # type: ignore[attr-defined] # as is

from distillgate.cli.terminal import say_json
from distillgate.config.schema import json_schema
from distillgate.native import passes
from distillgate.telemetry.version import VERSION

ShellArgument = Annotated[
    Literal["bash", "zsh", "fish"], typer.Argument(metavar="SHELL", help="bash, zsh or fish.")
]


def completion(shell: ShellArgument) -> None:
    """Print a completion script: `source <(distillgate completion bash)`."""
    variable = "_DISTILLGATE_COMPLETE"
    typer.echo(get_completion_script(prog_name="distillgate", complete_var=variable, shell=shell))


def schema() -> None:
    """Print the configuration file's JSON Schema."""
    say_json(json_schema())


def version() -> None:
    """Print the version, and what reads texts: compiled passes, or Python alone."""
    typer.echo(f"distillgate {VERSION} ({'Python' if passes is None else 'compiled'} passes)")
