"""`distillgate state`, `reload`, `kill`, `resume`: a running gate as a whole."""

from typing import Annotated, Any

import typer

from distillgate.cli.options import JsonOption
from distillgate.cli.running import ByOption, KeyOption, NeededUrlOption, ReasonOption, answered
from distillgate.cli.terminal import say, say_json
from distillgate.text import moment, redacted


def kill(
    url: NeededUrlOption, reason: ReasonOption, by: ByOption = "operator", key: KeyOption = None
) -> None:
    """End all enforcement of a running gate at once; it goes on judging in shadow mode."""
    _order(url, "kill", reason, by, key)


def resume(
    url: NeededUrlOption, reason: ReasonOption, by: ByOption = "operator", key: KeyOption = None
) -> None:
    """Undo a kill: the configured mode applies again."""
    _order(url, "resume", reason, by, key)


def _order(url: str, order: str, reason: str, by: str, key: str | None) -> None:
    found = answered(url, order, key=key, given={"reason": reason, "by": by})
    say(f"{redacted(url)}: {found['mode']} mode")


WaitOption = Annotated[
    bool, typer.Option("--wait/--no-wait", help="Print what was taken, or only ask for it.")
]


def state(url: NeededUrlOption, key: KeyOption = None, as_json: JsonOption = False) -> None:
    """Print the mode of a running gate, its configuration, and its state in a few numbers."""
    _print(answered(url, "state", key=key), as_json=as_json)


def reload(
    url: NeededUrlOption,
    wait: WaitOption = True,
    key: KeyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Have a running gate read its configuration again; a file that cannot be used ends with 2."""
    found = answered(url, "reload", key=key, given={})
    if wait:
        _print(found, as_json=as_json)


def _print(found: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        say_json(found)
        return
    say(f"{found['mode']} mode, distillgate {found['version']}")
    if (kill := found["kill"]) is not None:
        by, why = kill["by"] or "an operator", f": {kill['reason']}" if kill["reason"] else ""
        say(f"  killed by {by}, {moment(kill['at'])}{why}")
    at = found["reloaded_at"]
    say(f"configuration {found['config']}, {f'taken {moment(at)}' if at else 'of the start'}")
    for path in found["waiting_for_restart"]:
        say(f"  {path}: changed in the file, and counts from the next start")
    for doubt in found["doubts"]:
        say(f"  {doubt} (warning)")
    for name in ("accounts", "evicted", "groups", "actors"):
        if name in found:
            say(f"{name:<9}{found[name]:>12,}")
