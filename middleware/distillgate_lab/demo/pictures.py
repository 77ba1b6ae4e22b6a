"""What the gate shows of the play in pictures: a report, and its console while one stays."""

import tempfile
import time
from pathlib import Path

from rich.console import Console

from distillgate.cli.report import fetch, save
from distillgate_lab.demo.stage import ADMIN_KEY, Stage

_PATH = "/distillgate"


def show_pictures(console: Console, stage: Stage, *, stay: bool) -> Path:
    """Write the report of the play and print where it is; with `stay`, leave the console open."""
    folder = Path(tempfile.mkdtemp(prefix="distillgate-"))
    path = folder / "report.html"
    found = fetch(stage.url + _PATH, ADMIN_KEY)
    assert found is not None
    save(found, path)
    console.print(f"\nin pictures: {path}", highlight=False, soft_wrap=True)
    if stay:
        console.print(
            f"console: {stage.url}{_PATH}/console (key: {ADMIN_KEY}); Ctrl-C ends it",
            highlight=False,
            soft_wrap=True,
        )
        _wait()
    return path


def _wait() -> None:
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        return
