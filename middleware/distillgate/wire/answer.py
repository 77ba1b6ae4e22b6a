"""What becomes known of an answer while it passes: the state the dialects' readers fill."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field

from distillgate.wire.document import write
from distillgate.wire.fields import word
from distillgate.wire.reference import handed_out
from distillgate.wire.usage import Usage

TEXT_LIMIT = 2048
"""Characters of the answer's text an `Outcome` keeps."""

REFERENCE_LIMIT = 16
"""References to reasoning an `Outcome` keeps; interleaved thinking has a few an answer."""

GROWN_LIMIT = 1 << 12
"""Answers to one request whose texts are told apart."""


class Answer(Struct):
    """One answer, as far as it has been read. `text` is what the client's user sees of it."""

    usage: Usage = field(default_factory=Usage)
    finish_reason: str | None = None
    model: str | None = None
    chars: int = 0
    """Characters of output: visible text, reasoning, refusals, tool arguments."""
    carried: int = 0
    """Characters that are no output and come back with it: calls' names, results of the service's
    own tools."""
    deltas: int = 0
    """Events that carried output."""
    missed: bool = False
    """Some of it could not be read."""
    id: str | None = None
    """The name by which a later request may go on from it, where the service keeps it."""
    awaited: str | None = None
    """The name under which it is to be fetched, where it is not done yet."""
    references: list[str] = field(default_factory=list)
    """The names under which its sealed reasoning may come back; the first `REFERENCE_LIMIT`."""
    _grown: dict[int, int] = field(default_factory=dict)
    _pieces: list[str] = field(default_factory=list)
    _room: int = TEXT_LIMIT

    @property
    def text(self) -> str | None:
        """The beginning of the visible text; None where there was none."""
        return "".join(self._pieces) or None

    def show(self, text: Any) -> None:
        """Take visible text."""
        if isinstance(text, str):
            self.chars += len(text)
            if self._room and text:
                piece = text[: self._room]
                self._pieces.append(piece)
                self._room -= len(piece)

    def hide(self, text: Any) -> None:
        """Take output that is not visible text: reasoning, tool arguments."""
        if isinstance(text, str):
            self.chars += len(text)

    def carry(self, value: Any) -> None:
        """Take what comes back with the output and is none."""
        if isinstance(value, str):
            self.carried += len(value)
        elif value:
            self.carried += len(write(value))

    def grow(self, text: Any, place: int = 0) -> None:
        """Take an answer's text that may repeat what came of it before, as SGLang streams it.

        `place` is its place among several answers, of which the first is shown.
        """
        if not isinstance(text, str):
            return
        before, shown = self._grown.get(place, 0), self.text or ""
        if place:
            repeated = len(text) >= before
        else:  # shorter than before where a stop sequence was taken off its end
            repeated = text.startswith(shown) or shown.startswith(text)
        new = text[before:] if repeated else text
        if place < GROWN_LIMIT:
            self._grown[place] = before + len(new)
        (self.hide if place else self.show)(new)

    def refer(self, part: Any) -> None:
        """Take the sealed reasoning that a content part or item holds, if it holds any."""
        for name in handed_out(part):
            if name not in self.references and len(self.references) < REFERENCE_LIMIT:
                self.references.append(name)

    def describe(self, document: Mapping[str, Any], reason: Any = None) -> None:
        """Take the model's name, and the reason it stopped for. The first reason stays."""
        self.model = word(document.get("model")) or self.model
        self.finish_reason = self.finish_reason or word(reason)
