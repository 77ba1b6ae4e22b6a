"""A request on its way to be forwarded otherwise than it came: what the measures work on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from distillgate.wire import document
from distillgate.wire.cover import OVERLAY
from distillgate.wire.edit import Body, Value

if TYPE_CHECKING:
    from distillgate.actions.limits import Added
    from distillgate.actions.pace import PaceSettings
    from distillgate.wire.event import Edit
    from distillgate.wire.operation import Measured
    from distillgate.wire.request import Request


@dataclass
class Draft:
    """One exchange as its measures leave it. Each measure adds to it; none reads another's part.

    A parameter is whatever an upstream may take for it: every spelling of its name, given twice
    or in other letter case. The body is read and cut only if a measure looks into it.
    """

    request: Request
    path: str = ""
    group: str | None = None
    """The group the decision follows from."""
    model: str = ""
    """The model that answers, where a measure named another."""
    done: list[str] = field(default_factory=list)
    """What was done to the request, in the words of the response header."""
    removed: set[str] = field(default_factory=set)
    """What was removed, for what depends on it (`actions.dependents`)."""
    limit: int | None = None
    """The longest output that a measure set."""
    added: Added | None = None
    """The same, where it was added under one of the names that the API has."""
    changed: bool = False
    """The body is no longer what came."""
    edit: Edit | None = None
    """What is changed in the answer."""
    pace: PaceSettings | None = None
    """How fast a streamed answer is passed on."""

    @property
    def measured(self) -> Measured:
        """What the measures do to this call."""
        return self.request.operation.measured

    @property
    def answering(self) -> str:
        """The model that is to answer."""
        return self.model or self.request.model

    @cached_property
    def body(self) -> Body:
        """The request's JSON, to be changed in place. Raises `WireError`."""
        return Body(self.request.source or document.write(self.request.document))

    def at(self, *path: str) -> Iterator[Value]:
        """Yield all values an upstream may read under a path of names."""
        return (value for layer in self._layers() for value in layer.members(*path))

    def given(self, *path: str) -> list[Any]:
        """Read all of them that are not null."""
        return [found for value in self.at(*path) if (found := value.read()) is not None]

    def remove(self, name: str) -> bool:
        """Remove a parameter where it is given and not null; return whether it was."""
        if not self.given(name):
            return False
        for layer in self._layers():
            layer.remove(name)
        self.removed.add(name)
        self.record(name)
        return True

    def set(self, name: str, value: Any, label: str = "") -> None:
        """Set a parameter to another value; `label` is its name in the header."""
        overlaid = [one for layer in self._layers()[1:] for one in layer.members(name)]
        for one in overlaid:
            one.replace(value)
        self.body.root.put(name, value)
        self.record(label or name)

    def _layers(self) -> list[Value]:
        """Return the request and what it lays over itself (`wire.cover.overlaid`)."""
        layers = [self.body.root]
        for layer in layers:
            layers += layer.members(OVERLAY)
        return layers

    def record(self, what: str) -> None:
        """Record a change of the body."""
        if what not in self.done:
            self.done.append(what)
        self.changed = True
