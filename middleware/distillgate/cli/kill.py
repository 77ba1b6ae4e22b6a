"""`distillgate kill` and `distillgate resume`: a running gate back to shadow, and out of it."""

from distillgate.cli.running import ByOption, KeyOption, NeededUrlOption, ReasonOption, answered
from distillgate.cli.terminal import say
from distillgate.text import redacted


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
