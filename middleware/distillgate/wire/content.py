"""The text in a request's content, whatever its form, in bounded work.

Content is a string, a list of parts, or parts within parts; unknown parts are read for the keys
that hold text elsewhere, because the upstream may know them. The bounds are counts, not
characters: no text is cut.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from distillgate.wire.document import write
from distillgate.wire.fields import first, mapping, word
from distillgate.wire.message import Message

MESSAGE_LIMIT = 1024
"""Turns of one request that are read; beyond it the first `HEAD` and the newest remain."""

HEAD = 64
"""Turns at the start, where instructions are, that are read in any case."""

PART_LIMIT = 8_192
"""Parts of one request that are read, newest turn first: 5 ms of work. Turns whose content is
one string have no parts, and are read in any case."""

TOOL_LIMIT = 256
"""Tools of one request that are kept."""

DEPTH = 6
"""Levels of lists and parts that are read: a turn's parts, a tool result's, a document's in it."""

SILENT = frozenset({
    "image", "image_url", "input_image", "computer_screenshot", "image_generation_call",
    "audio", "input_audio", "audio_url", "video_url", "file", "input_file", "redacted_thinking",
})  # fmt: skip
"""Parts without text, whatever else they carry."""

_KEYS = ("thinking", "reasoning", "summary", "content", "output", "refusal", "stdout", "stderr")
"""Where parts that have no `text` keep it."""
_KEYED = frozenset(_KEYS)

_ARGUMENTS = ("arguments", "input", "action")
"""Where a call keeps what it is called with."""

_CALLED = 2
"""Keys of a call that holds its name and its arguments, and nothing else."""

_ROLES = {
    "system": "system", "developer": "system", "user": "user", "assistant": "assistant",
    "model": "assistant", "tool": "tool", "function": "tool",
}  # fmt: skip
"""The roles of all dialects in the words of one."""
_PLAIN = frozenset({"user", "assistant", "system", "tool"})
"""Roles that mean the same wherever they are given."""


class Text:
    """Reads the text of one request's content; the parts it may still look at are its state."""

    __slots__ = ("_left", "read", "turns")

    def __init__(self) -> None:
        self._left = PART_LIMIT
        self.turns = MESSAGE_LIMIT
        """Turns that may still be read, of all lists of turns and of prompts together."""
        self.read: set[int] = set()
        """The identities of the strings that were read, and of the objects that were read whole.
        What else the request's JSON holds an upstream may read, and this code did not."""

    def of(self, content: Any, depth: int = DEPTH) -> str:
        """Read the text of `content`; empty where there is none."""
        if isinstance(content, str):
            self.read.add(id(content))
            return content
        if content is None or not depth:
            return ""
        if isinstance(content, dict):
            return self._part(content, depth - 1)
        if isinstance(content, list):
            return self._parts(content, depth - 1)
        return ""

    def _parts(self, parts: list[Any], depth: int) -> str:
        """Join the text of parts; a list of nothing but texts is read whole."""
        texts, whole = [], True
        for part in parts:
            if not self._left:
                whole = False
                break
            self._left -= 1
            if not depth or type(part) is not dict:
                whole, text = False, self.of(part, depth)
            elif is_text(part):
                text = part["text"]
                self.read.add(id(text))
            else:
                whole, text = False, self._part(part, depth - 1)
            if text:
                texts.append(text)
        if whole:
            self.read.add(id(parts))
        return "\n".join(texts)

    def join(self, parts: Iterable[Any], read: Callable[[Any], str]) -> str:
        """Join with newlines what `read` makes of each of the parts, within the bound."""
        texts = []
        for part in parts:
            if not self._left:
                break
            self._left -= 1
            if text := read(part):
                texts.append(text)
        return "\n".join(texts)

    def _part(self, part: dict[str, Any], depth: int) -> str:
        kind = part.get("type")
        if isinstance(kind, str):
            if kind in SILENT:
                return ""
            if kind.endswith("tool_use"):
                return self.call(part)
            if kind == "document":
                return self._document(part, depth)
        text = part.get("text")
        if text is not None:
            return self.of(text, depth)
        if len(keys := _KEYED.intersection(part)) == 1:  # most results of tools: one text
            (key,) = keys
            if type(said := part[key]) is str and self._left:
                self._left -= 1
                self.read.add(id(said))
                return said
        return self._parts([part[key] for key in _KEYS if key in keys], depth)

    def call(self, part: Mapping[str, Any]) -> str:
        """Write a tool call of any dialect as `name(arguments)`."""
        name, written = word(part.get("name")) or "", self.arguments(part)
        if name == part.get("name"):
            self.read.add(id(part["name"]))
            if written and len(part) == _CALLED:
                self.read.add(id(part))
        return f"{name}({written})"

    def arguments(self, part: Mapping[str, Any]) -> str:
        """Read a tool call's arguments."""
        value = first(part, _ARGUMENTS)
        if value is None:  # whose identity is that of every other
            return ""
        self.read.add(id(value))
        return _written(value)

    def _document(self, part: dict[str, Any], depth: int) -> str:
        source = mapping(part.get("source"))
        return self.of(source.get("data" if source.get("type") == "text" else "content"), depth)


def arguments(part: Mapping[str, Any]) -> str:
    """Read a tool call's arguments as text: as the model wrote them, where the dialect has that."""
    return _written(first(part, _ARGUMENTS))


def _written(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else write(value).decode()


def is_role(name: str) -> bool:
    """Return whether a role is one that every API knows; any other may be printed, and is text."""
    return name in _ROLES or name.strip().lower() in _ROLES


def is_text(part: Mapping[str, Any]) -> bool:
    """Return whether a part is a text and nothing else."""
    return len(part) == 2 and part.get("type") == "text" and type(part.get("text")) is str


def is_label(value: Any) -> bool:
    """Return whether a value is one word, as what only says something about its part is."""
    return type(value) is str and len(value.split(None, 1)) == 1


def role(value: Any) -> str:
    """Return a turn's role in one of four words.

    A turn whose role is missing or unknown is the user's: some chat templates print any role, so
    a misspelt one must hide nothing.
    """
    name = word(value)
    return _ROLES.get(name) or _ROLES.get(name.strip().lower(), "user") if name else "user"


def newest(items: Sequence[Any]) -> Sequence[Any]:
    """Bound a list of turns: its start and its end."""
    if len(items) <= MESSAGE_LIMIT:
        return items
    return [*items[:HEAD], *items[HEAD - MESSAGE_LIMIT :]]


def turns(
    items: Sequence[Any], read: Callable[[Any, Text], list[Message]], text: Text
) -> list[Message]:
    """Read the turns, newest first (the bounds are theirs), and return them in order."""
    messages: list[Message] = []
    for item in reversed(newest(items)):
        if type(item) is not list:  # which holds turns of its own
            if not text.turns:
                break
            text.turns -= 1
        if (
            type(item) is dict
            and (len(item) == 2 or (len(item) == 3 and is_label(item.get("tool_call_id"))))
            and (plain := _plain(item))
        ):
            messages.append(plain)
            text.read.add(id(item))
        else:
            messages.extend(reversed(read(item, text)))
    messages.reverse()
    return messages


def _plain(item: Mapping[str, Any]) -> Message | None:
    """Read what most turns are, a role and one text, which every dialect reads alike."""
    content = item.get("content")
    if type(content) is list and len(content) == 1:
        part = content[0]
        if type(part) is dict and is_text(part):
            content = part["text"]
    said = item.get("role")
    if type(content) is str and type(said) is str and said in _PLAIN:
        return Message(said, content)
    return None
