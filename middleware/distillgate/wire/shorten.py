"""Reasoning text made shorter, piece by piece: what is left of it, and tags taken off answers."""

import re
from collections.abc import Callable, Hashable
from typing import Any

from distillgate.errors import WireError
from distillgate.settings import Settings

PARTS_LIMIT = 4096
"""Parts (choices, blocks, items) of one answer that are told apart; more is no answer we know."""

_SPACE = 64
"""White space before an answer that is looked past for a tag."""


class ReasoningSettings(Settings):
    """What is left of the reasoning in an answer."""

    keep: int = 0
    """Characters of each part of the reasoning that stay. Anthropic's thinking always goes whole:
    an empty block with its signature is what that API itself sends where thinking is omitted
    (from its documentation: it was not tried with blocks emptied here)."""
    tags: list[str] = [
        "think",
        "thinking",
        "thought",
        "thoughts",
        "reason",
        "reasoning",
        "reflection",
        "scratchpad",
        "analysis",
        "seed:think",
    ]
    """Tags whose content counts as reasoning where an answer begins with them. Tags further on are
    part of the answer: nobody could tell an explanation of them from their use."""


def put(holder: dict[str, Any], name: str, shorten: Callable[[str], str]) -> bool:
    """Put what is left of a text in its place; say whether anything was taken."""
    text = holder.get(name)
    if not isinstance(text, str) or not text:
        return False
    holder[name] = shorten(text)
    return bool(holder[name] != text)


class Shortener:
    """What is left of one answer's reasoning, part by part; whole or piece by piece is the same."""

    __slots__ = ("_left", "_settings", "_texts")

    def __init__(self, settings: ReasoningSettings) -> None:
        self._settings = settings
        self._left: dict[Hashable, int] = {}
        self._texts: dict[Hashable, Inline] = {}

    def whole(self, text: str) -> str:
        """Shorten one part."""
        return text[: self._settings.keep]

    def piece(self, part: Hashable, text: str) -> str:
        """Shorten the next piece of a part."""
        left = self._left.get(part, self._settings.keep)
        kept = text[:left]
        self._left[part] = left - len(kept)
        self._bound(self._left)
        return kept

    def visible(self, text: str) -> str:
        """Take tagged reasoning off the beginning of a whole text."""
        inline = Inline(self._settings)
        return inline.feed(text) + inline.close()

    def visible_piece(self, part: Hashable, text: str) -> str:
        """Take it off piece by piece; a beginning that may become a tag is held back."""
        inline = self._texts.get(part)
        if inline is None:
            inline = self._texts[part] = Inline(self._settings)
            self._bound(self._texts)
        return inline.feed(text)

    def held(self, part: Hashable) -> str:
        """Return what a text's end leaves held back."""
        inline = self._texts.get(part)
        return inline.close() if inline is not None else ""

    def parts(self) -> list[Hashable]:
        """List the texts that were taken piece by piece."""
        return list(self._texts)

    def _bound(self, parts: dict[Hashable, int] | dict[Hashable, "Inline"]) -> None:
        if len(parts) > PARTS_LIMIT:
            raise WireError(f"the answer has more than {PARTS_LIMIT} parts")


class Inline:
    """Takes tagged reasoning off the beginning of one text; the cutting into pieces is all one."""

    __slots__ = ("_at", "_close", "_found", "_held", "_keep", "_left", "_open", "_passed")

    def __init__(self, settings: ReasoningSettings) -> None:
        self._open = {f"<{tag.lower()}>" for tag in settings.tags}
        self._keep = settings.keep
        self._left = settings.keep
        self._close = ""
        """The tag that ends the reasoning the text is in."""
        self._held = ""
        self._at = 0
        """How far what is held was looked at."""
        self._found = False
        self._passed = False

    def feed(self, text: str) -> str:
        """Take the next piece; give what of the text is to be seen."""
        if self._passed:
            return text
        self._held += text
        out: list[str] = []
        moving = True
        while moving and not self._passed:
            before = (self._at, self._close)
            out.append(self._inside() if self._close else self._begin())
            moving = (self._at, self._close) != before
        self._held, self._at = self._held[self._at :], 0
        return "".join(out)

    def close(self) -> str:
        """Return what is held back, now that nothing more comes."""
        held = self._held[self._at :]
        self._at = len(self._held)
        if self._close:
            return self._kept(held)
        return held.lstrip() if self._found and not self._keep else held

    def _begin(self) -> str:
        # Before the answer: white space, perhaps a tag or the beginning of one.
        near = self._held[self._at : self._at + 2 * _SPACE + 1]
        start = near.lstrip()
        space = len(near) - len(start)
        if space > _SPACE:
            self._passed = True
            held = self._held[self._at :]
            self._at = len(self._held)
            return held[_SPACE + 1 :] if self._found and not self._keep else held
        folded = start[:_SPACE].lower()
        tag = next((tag for tag in self._open if folded.startswith(tag)), None)
        if tag is not None:
            shown = near[: space + len(tag)] if self._keep else ""
            self._at += space + len(tag)
            self._close = f"</{tag[1:]}"
            self._found = True
            return shown
        if any(tag.startswith(folded) for tag in self._open):
            return ""
        self._passed = True
        return self.close()

    def _inside(self) -> str:
        end = re.compile(re.escape(self._close), re.IGNORECASE).search(self._held, self._at)
        if end is None:
            # The end of what is there may be the beginning of the closing tag.
            safe = max(self._at, len(self._held) - len(self._close) + 1)
            shown, self._at = self._kept(self._held[self._at : safe]), safe
            return shown
        shown = self._kept(self._held[self._at : end.start()]) + (end[0] if self._keep else "")
        self._at = end.end()
        self._close = ""
        return shown

    def _kept(self, text: str) -> str:
        kept = text[: self._left]
        self._left -= len(kept)
        return kept
