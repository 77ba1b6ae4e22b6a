"""A request on its way to be forwarded otherwise than it came: what the measures work on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from distillgate.actions.pace import PaceSettings
    from distillgate.actions.rewrite import Edit
    from distillgate.wire.request import Request


@dataclass(slots=True)
class Draft:
    """One exchange as its measures leave it. Each measure adds to it; none reads another's part."""

    request: Request
    path: str = ""
    group: str | None = None
    """The group the decision follows from."""
    document: dict[str, Any] = field(default_factory=dict)
    """The body to forward: a copy, the values in it still the request's own."""
    done: list[str] = field(default_factory=list)
    """What was done, in the words of the response header."""
    changed: bool = False
    """`document` is no longer what came."""
    edit: Edit | None = None
    """What is changed in the answer."""
    pace: PaceSettings | None = None
    """How fast a streamed answer is passed on."""

    def take(self, name: str) -> None:
        """Take a parameter out, where it is given and not null."""
        if self.document.pop(name, None) is not None:
            self.say(name)

    def put(self, name: str, value: Any, said: str = "") -> None:
        """Give a parameter another value; `said` is its name in the header."""
        self.document[name] = value
        self.say(said or name)

    def say(self, what: str) -> None:
        """Note a change of the body."""
        self.done.append(what)
        self.changed = True
