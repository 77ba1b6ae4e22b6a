"""The demonstration: honest accounts and one campaign, played through a real sidecar.

Nothing leaves the machine: an embedded upstream and the sidecar listen on the loopback, and every
text is made up here. The play is the same each time.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from distillgate_lab.demo.script import Script


def main(
    script: "Script | None" = None, console: "Console | None" = None, *, stay: bool = False
) -> int:
    """Play, show the table, and give the exit code: 0 where campaign and honest fared as due.

    `script` and `console` stand in for the full play and for standard output; `stay` leaves the
    gate's console open until somebody interrupts.
    """
    import asyncio
    import time

    from rich.console import Console

    from distillgate_lab.demo.ledger import Ledger
    from distillgate_lab.demo.pictures import show_pictures
    from distillgate_lab.demo.play import play
    from distillgate_lab.demo.report import complaints, show
    from distillgate_lab.demo.screen import screen
    from distillgate_lab.demo.script import write
    from distillgate_lab.demo.stage import stage

    console = console or Console()
    script = script or write()
    ledger = Ledger(script.accounts)
    began = time.monotonic()
    with stage() as place:
        with screen(console, script, ledger) as shown:
            epilogue = asyncio.run(play(script, place, ledger, shown.told))
        show(console, ledger, epilogue, time.monotonic() - began)
        found = complaints(ledger)
        for text in found:
            console.print(f"not as it should be: {text}", style="bold red", highlight=False)
        show_pictures(console, place, stay=stay)
    return 1 if found else 0
