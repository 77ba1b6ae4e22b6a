"""`distillgate demo`: an upstream, a sidecar, honest accounts and a campaign, on this machine."""

from typing import Annotated

import typer

from distillgate.errors import needs

StayOption = Annotated[
    bool, typer.Option("--stay", help="Leave the console open afterwards, with the campaign in it.")
]


def demo(stay: StayOption = False) -> None:
    """Play honest accounts and one campaign through a real sidecar, and show who is caught."""
    with needs("sidecar"):
        import uvicorn  # noqa: F401 - said before the screen is drawn

    from distillgate_lab.demo import main

    raise SystemExit(main(stay=stay))
