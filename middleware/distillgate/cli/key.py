"""`distillgate key`: a person's own key of the operator's pages."""

import json
from typing import Annotated

import typer

from distillgate.admin.proof import hashed, new_key
from distillgate.admin.roles import ROLES
from distillgate.cli.terminal import complain, say
from distillgate.text import nearest

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="Whose it is.")]
RoleOption = Annotated[str, typer.Option("--role", help=f"One of {', '.join(ROLES)}.")]


def key(name: NameArgument, role: RoleOption = "analyst") -> None:
    """Draw a key for one person: it is shown once, and the configuration gets its hash."""
    if role not in ROLES:
        raise typer.BadParameter(f"no role is called {role}{nearest(role, list(ROLES))}")
    drawn = new_key()
    complain("the key, which is kept nowhere:")
    say(drawn)
    complain("for the configuration:")
    lines = (
        "admin:",
        "  people:",
        f'    {json.dumps(name)}: {{role: {role}, key: "{hashed(drawn)}"}}',
    )
    complain("\n".join(lines))
