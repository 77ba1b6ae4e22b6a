"""`distillgate completion`: what a shell needs to complete commands and options."""

from typing import Annotated, Literal

import typer
from typer.completion import get_completion_script  # type: ignore[attr-defined] # as is

ShellArgument = Annotated[
    Literal["bash", "zsh", "fish"], typer.Argument(metavar="SHELL", help="bash, zsh or fish.")
]


def completion(shell: ShellArgument) -> None:
    """Print a completion script: `source <(distillgate completion bash)`."""
    variable = "_DISTILLGATE_COMPLETE"
    typer.echo(get_completion_script(prog_name="distillgate", complete_var=variable, shell=shell))
