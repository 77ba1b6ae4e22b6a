"""What stands in a request and no dialect read: pictures, files, token ids, texts in odd places.

Upstreams know parts and fields that this code does not, and a template may print any of them. So
nothing is looked for under its key: whatever stands in a request, is in no message (`Request.read`)
and is no label counts. What is text counts as text, and token ids as the words they stand for; the
rest, which nobody can read here or which is past the bounds, by its hash: an address of a file, the
file itself and its name at the upstream are each as good as the content. Resent, all are known like
any content.
"""

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from distillgate.fingerprint.token_ids import spelled
from distillgate.wire.content import HEAD, MESSAGE_LIMIT, PART_LIMIT, is_label, is_role, newest
from distillgate.wire.document import write
from distillgate.wire.fields import NUMBERS
from distillgate.wire.names import COMMON
from distillgate.wire.reference import TYPES
from distillgate.wire.request import Request

TURNS = (
    "messages", "input", "contents", "content", "requests", "prompt", "instances", "inputs",
    "system", "systemInstruction", "system_instruction", "instructions", "promptVariables",
)  # fmt: skip
"""Fields that hold turns or inputs; what stands in any other is `news`' matter."""

_LABELS = frozenset({
    "type", "role", "name", "id", "call_id", "tool_use_id", "tool_call_id", "toolUseId",
    "cache_control", "status", "phase", "detail", "media_type", "mime_type", "mimeType", "format",
    "thought_signature", "thoughtSignature",
})  # fmt: skip
"""Keys that say something about a part, often another thing in each request."""

_SEALS = frozenset({"signature", "encrypted_content", "data"})
"""Keys of reasoning that a service sealed: `Request.references` has it."""
_SEALED = (*TYPES,)

_KNOWN = COMMON.all | _LABELS
"""Keys that say nothing; of any other it is asked whether it is a name."""

_FORMS = {
    "text": (2, "", "text", "text"),
    "function": (3, "id", "function", "function"),
    "tool_use": (4, "id", "name", "input"),
    "tool_result": (3, "tool_use_id", "content", "content"),
}
"""What nearly all parts are, by their type: how many keys they have, a label among them, and the
fields, one or two, that are read."""

_SAID = frozenset({"content", "tool_calls"})
"""What a turn may hold beside its role, and be passed over as a whole where it was read."""

_BLOB = 512
"""Characters without a space, from which a string is no text in any script that uses spaces."""
_SPACELESS = re.compile(rf"[!-~]{{{_BLOB}}}")

_NAME = re.compile(r"[\w.:/+=-]{0,64}", re.ASCII)

NAMES = 64
"""Characters that the names in one place may come to and be no content. A name, an id or a setting
is often another one in each request; of many, each a word, a text can be made."""


def is_blob(text: str) -> bool:
    """Return whether a string is encoded data or a long address rather than text."""
    return len(text) >= _BLOB and _SPACELESS.match(text) is not None


def is_name(text: str) -> bool:
    """Return whether a string may be a name, an id or a setting."""
    return _NAME.fullmatch(text) is not None


def is_numbers(value: list[Any]) -> bool:
    """Return whether a list is of token ids, samples or a vector."""
    return bool(value) and type(value[0]) in NUMBERS


def is_worded(text: str) -> bool:
    """Return whether a string that no dialect read is a text."""
    return len(text.split(None, 1)) > 1 and not is_blob(text)


def unread(request: Request) -> tuple[list[str], list[str | bytes]]:
    """Return what no dialect read of the turns and inputs of a request, in bounded work.

    The texts come first, then what is no text.
    """
    texts: list[str] = []
    others: list[str | bytes] = []
    for value in Unread(request.read).of(request.document):
        if isinstance(value, str) and is_worded(value):
            texts.append(value)
        else:
            others.append(value)
    return texts, others


class Unread:
    """Walks through turns, past what was `read` of them."""

    def __init__(self, read: AbstractSet[int]) -> None:
        self._read = read
        self._waiting: list[Any] = []
        self._found: list[str | bytes] = []
        self._names: dict[str, None] = {}

    def of(self, document: Mapping[str, Any]) -> list[str | bytes]:
        """Return the strings, and the lists of numbers, that were not read."""
        for name in TURNS:
            value = document.get(name)
            if type(value) is list:
                self._waiting.append(newest(value))
                if past := value[HEAD : HEAD - MESSAGE_LIMIT] if len(value) > MESSAGE_LIMIT else ():
                    self._found.append(write(past))
            elif value:
                self._waiting.append([value])
        waiting, left = self._waiting, PART_LIMIT
        while waiting and left:
            left -= 1
            item = waiting.pop()
            if type(item) is dict:
                self._part(item)
            else:
                self._list(item)
        if waiting:  # past the bound: as a whole
            self._found.append(write(waiting))
        if sum(map(len, self._names)) > NAMES:
            self._found.append(" ".join(self._names))
        return self._found

    def _list(self, items: list[Any]) -> None:
        kinds = set(map(type, items))
        if not NUMBERS.isdisjoint(kinds):
            self._numbers(items)
            if NUMBERS.issuperset(kinds):
                return
        read, waiting = self._read, self._waiting
        names: list[str] = []
        for item in items:
            kind = type(item)
            if kind is dict:
                if id(item) in read or ("role" in item and self._is_turn(item)):
                    continue
                if not self._is_read(item):
                    waiting.append(item)
            elif kind is list:
                waiting.append(item)
            elif kind is str and item and id(item) not in read:
                (names if is_name(item) and len(items) > 1 else self._found).append(item)
        if names:
            self._found.append(" ".join(names))

    def _numbers(self, items: list[Any]) -> None:
        """Find the numbers of a list; llama.cpp takes texts among them."""
        text = spelled([item for item in items if type(item) in NUMBERS])
        if text is not None or is_numbers(items):
            self._found.append(write(items) if text is None else text)

    def _is_read(self, part: Mapping[str, Any]) -> bool:
        """Return whether a part is of a form that is known, and holds no more than was read."""
        kind = part.get("type")
        form = _FORMS.get(kind) if type(kind) is str else None
        if form is None:
            return False
        size, label, one, other = form
        read = self._read
        return (
            len(part) == size
            and id(part.get(one)) in read
            and id(part.get(other)) in read
            and (not label or is_label(part.get(label)))
        )

    def _is_turn(self, turn: Mapping[str, Any]) -> bool:
        """Return whether a turn has a role that is known, and nothing else but what was read."""
        read = self._read
        for key, value in turn.items():
            kind = type(value)
            if key == "role":
                if kind is not str or not is_role(value):
                    return False
            elif key not in _SAID:
                return False
            elif kind is list:
                for part in value:
                    if id(part) not in read and (type(part) is not dict or not self._is_read(part)):
                        return False
            elif value is not None and id(value) not in read:
                return False
        return True

    def _part(self, part: Mapping[str, Any]) -> None:
        """Find the strings of one part that were not read, and put off what is inside of it."""
        read = self._read
        strange = not _KNOWN.issuperset(part)
        for key, value in part.items():
            kind = type(value)
            if strange and key not in _KNOWN and not is_name(key):
                self._found.append(key)
            if id(value) in read:
                continue
            if kind is str:
                if value and not (
                    self._labels(key, value)
                    if key in _LABELS
                    else key in _SEALS and part.get("type") in _SEALED
                ):
                    self._found.append(value)
            elif kind is dict or (kind is list and key not in _LABELS):
                self._waiting.append(value)
                if key == "properties" and kind is dict:
                    self._names |= dict.fromkeys(value)

    def _labels(self, key: str, value: str) -> bool:
        """Return whether a label's value only says something about its part."""
        if key == "role":
            return is_role(value)
        if key == "type":
            return is_name(value)
        if key == "name" and is_name(value):
            self._names[value] = None
            return True
        return key != "name" and is_label(value)
