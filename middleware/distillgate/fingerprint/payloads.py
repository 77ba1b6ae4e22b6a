"""What of a request is no text: pictures, sound, files, token ids. It counts by its hash.

Nobody can read it here, so nothing of it is looked at: an address of a file, the file itself and
its name at the upstream are each as good as the content. Whatever stands in a turn and is neither
read as text (`wire.content`) nor a label is taken for a payload, under any key: an upstream may
know parts that this code does not. Resent, a payload is known by its hash like any content.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from distillgate.wire.content import PART_LIMIT, SILENT
from distillgate.wire.document import write
from distillgate.wire.reference import TYPES

_TURNS = (
    "messages", "input", "contents", "content", "requests", "prompt", "instances", "inputs",
    "system", "systemInstruction", "system_instruction",
)  # fmt: skip
"""Fields that hold turns or inputs; what stands in any other is `news`' matter."""

_READ = frozenset({
    "text", "thinking", "reasoning", "reasoning_content", "summary", "content", "output", "refusal",
    "stdout", "stderr", "arguments", "input", "action", "query", "question", "code", "args",
})  # fmt: skip
"""Keys whose strings are read as text."""

_LABELS = frozenset({
    "type", "role", "name", "id", "call_id", "tool_use_id", "tool_call_id", "toolUseId",
    "cache_control", "status", "phase", "detail", "media_type", "mime_type", "mimeType", "format",
    "thought_signature", "thoughtSignature",
})  # fmt: skip
"""Keys that say something about a part, often another thing in each request."""

_CALLS = frozenset({"arguments", "args", "action", "toolUse", "json"})
"""Keys whose objects are written as text (`wire.content.arguments`)."""

_SEALS = frozenset({"signature", "encrypted_content", "data"})
"""Keys of reasoning that a service sealed: `Request.references` has it."""

_BLOB = 512
"""Characters without a space, from which a string is no text in any script that uses spaces."""
_SPACELESS = re.compile(rf"[!-~]{{{_BLOB}}}")


def is_blob(text: str) -> bool:
    """Return whether a string is encoded data or a long address rather than text."""
    return len(text) >= _BLOB and _SPACELESS.match(text) is not None


def is_numbers(value: list[Any]) -> bool:
    """Return whether a list is of token ids, samples or a vector."""
    return bool(value) and type(value[0]) in (int, float)


def payloads(document: Mapping[str, Any]) -> Iterator[str | bytes]:
    """Yield what is no text in the turns and inputs of a request, in bounded work."""
    waiting: list[Any] = []
    for name in _TURNS:
        value = document.get(name)
        if type(value) is list or type(value) is dict:
            waiting.append(value)
    left = PART_LIMIT
    while waiting and left:
        left -= 1
        item = waiting.pop()
        if type(item) is dict:
            yield from _strings(item, waiting)
        elif is_numbers(item):
            yield write(item)
        else:
            waiting += [part for part in item if _holds(part)]


def _holds(part: Any) -> bool:
    """Return whether a part or turn may hold more than a role and a text: nearly none does."""
    if type(part) is dict:
        if len(part) != 2:
            return True
        plain = part.get("text") if part.get("type") == "text" else part.get("content")
        return type(plain) is not str
    return type(part) is list


def _strings(part: Mapping[str, Any], waiting: list[Any]) -> Iterator[str]:
    """Yield the strings of one part that are payload, and put off what is inside of it."""
    kind = part.get("type")
    silent = type(kind) is str and kind in SILENT
    sealed = type(kind) is str and kind in TYPES
    for key, value in part.items():
        if type(value) is str:
            if not value or key in _LABELS or (sealed and key in _SEALS):
                continue
            if silent or key not in _READ:
                yield value
        elif type(value) is dict:
            if key not in _CALLS and not (key == "input" and kind == "tool_use"):
                waiting.append(value)
        elif type(value) is list:
            if not value or key in _LABELS:
                continue
            if type(value[0]) is str and key not in _READ:
                yield from (text for text in value[:PART_LIMIT] if type(text) is str)
            else:
                waiting.append(value)
