"""What others told a running gate: giving it a report, listing what holds, taking one back."""

from collections import Counter
from collections.abc import Iterator
from typing import Annotated, Any
from uuid import uuid4

import orjson
import typer

from distillgate.cli.options import JsonOption
from distillgate.cli.running import ByOption, KeyOption, NeededUrlOption, ReasonOption, answered
from distillgate.cli.terminal import complain, say, show
from distillgate.intel.objects import by_type
from distillgate.intel.stix import Object
from distillgate.text import moment, redacted, visible

_PIECE = (1 << 24) - (1 << 16)
"""Bytes of objects that are handed to a gate at once: it takes 16 MB (`admin.intelligence`)."""
NameArgument = Annotated[str, typer.Argument(metavar="REPORT", help="Its name: indicator--…")]


def take_into(url: str, objects: list[Object], reason: str, by: str, key: str | None) -> None:
    """Have a running gate take a report into what it remembers."""
    if not reason:
        raise typer.BadParameter("a gate takes no report without --reason")
    for piece in _pieces(objects):
        bundle = {"type": "bundle", "id": f"bundle--{uuid4()}", "objects": piece}
        given = {"reason": reason, "by": by, "bundle": bundle}
        found = answered(url, "intelligence", key=key, given=given)
        for why, count in found["left_out"].items():
            complain(f"{count} left out: {visible(why)}")
        say(f"{redacted(url)}: {found['taken']} templates taken, {found['withdrawn']} withdrawn")


def _pieces(objects: Any) -> Iterator[Any]:
    """Yield a report in pieces that a gate takes, each with all identities and opinions: what one
    sender tells has no other's refused.
    """
    if not isinstance(objects, list) or _size(objects) <= _PIECE:
        yield objects
        return
    kinds = by_type(objects, Counter())
    common = [*kinds["identity"], *kinds["opinion"]]
    room = left = _PIECE - _size(common)
    piece = list[Object]()
    for one in kinds["indicator"]:
        if (size := _size(one)) > room:
            complain(f"1 left out: {visible(str(one.get('id'))[:128])}: too large")
            continue
        if size > left:
            yield [*common, *piece]
            piece, left = [], room
        piece.append(one)
        left -= size
    yield [*common, *piece]


def _size(made: Any) -> int:
    return len(orjson.dumps(made)) + 1


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
