"""What others told a running gate: giving it a report, listing what holds, taking one back."""

from typing import Annotated, Any
from uuid import uuid4

import typer

from distillgate.cli.options import JsonOption
from distillgate.cli.running import ByOption, KeyOption, NeededUrlOption, ReasonOption, answered
from distillgate.cli.terminal import complain, say, show
from distillgate.intel.stix import Object
from distillgate.text import moment, redacted, visible

NameArgument = Annotated[str, typer.Argument(metavar="REPORT", help="Its name: indicator--…")]


def take_into(url: str, objects: list[Object], reason: str, by: str, key: str | None) -> None:
    """Have a running gate take a report into what it remembers."""
    if not reason:
        raise typer.BadParameter("a gate takes no report without --reason")
    bundle = {"type": "bundle", "id": f"bundle--{uuid4()}", "objects": objects}
    given = {"reason": reason, "by": by, "bundle": bundle}
    found = answered(url, "intelligence", key=key, given=given)
    for why, count in found["left_out"].items():
        complain(f"{count} left out: {visible(why)}")
    say(f"{redacted(url)}: {found['taken']} templates taken, {found['withdrawn']} withdrawn")


def held(url: NeededUrlOption, key: KeyOption = None, as_json: JsonOption = False) -> None:
    """List the reports that hold in a running gate, and the groups that each counts for."""
    found = answered(url, "intelligence", key=key)
    show(found, map(_line, found), "no report holds", as_json=as_json)


def withdraw(
    report: NameArgument,
    url: NeededUrlOption,
    reason: ReasonOption,
    by: ByOption = "operator",
    key: KeyOption = None,
) -> None:
    """Let a report hold no more in a running gate: what rested on it is judged anew."""
    given = {"reason": reason, "by": by}
    missing = f"{redacted(url)}: no such report holds: {report}"
    page = ("intelligence", report, "withdraw")
    answered(url, *page, missing=missing, key=key, given=given)
    say(f"{redacted(url)}: {visible(report)} holds no more")


def _line(one: dict[str, Any]) -> str:
    groups = ", ".join(one["groups"]) or "no group"
    return (
        f"{one['id']} by {visible(one['source'])}, {one['lines']} lines, "
        f"until {moment(one['until'])}: {groups}"
    )
