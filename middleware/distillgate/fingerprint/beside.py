"""What stands beside the turns of a request: tools, schemas, documents, a template's variables.

A field that is known as it is, is not looked at. Of any other the texts count, and so do its keys:
a schema's properties are shown to the model, or force its answer.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Any

import xxhash

from distillgate.errors import WireError
from distillgate.fingerprint.payloads import NAMES, TURNS, is_blob, is_name, is_numbers
from distillgate.fingerprint.principal import Principal
from distillgate.fingerprint.token_ids import spelled
from distillgate.wire import document
from distillgate.wire.names import COMMON

_STRINGS = 512
"""Texts, names and keys read of one field."""

_LEVELS = 12

_UNSHOWN = frozenset({
    "model", "user", "metadata", "safety_identifier", "prompt_cache_key", "previous_response_id",
    "previous_interaction_id", "logit_bias", "stream_options", "include", "modalities", "stop",
    "stop_sequences",
})  # fmt: skip
"""Fields that are read elsewhere, or that the model is not shown."""

_KEPT = frozenset({
    "conversation", "cachedContent", "cached_content", "vector_store_ids", "file_ids", "skill_id",
})  # fmt: skip
"""Keys of names that content goes by at the upstream."""

_VOCABULARY = COMMON.all | {
    "object", "string", "number", "integer", "boolean", "array", "null", "properties", "required",
    "additionalProperties", "items", "enum", "title", "default", "anyOf", "oneOf", "allOf", "$ref",
    "$defs", "$schema", "const", "minimum", "maximum", "parameters", "strict", "schema",
    "json_schema", "input_schema", "functionDeclarations", "auto", "none", "any",
}  # fmt: skip
"""What tools and schemas are written with."""

_WORD = re.compile(r"[A-Z]?[a-z]{3,}+|[A-Z]{4,}+", re.ASCII)
_WORDS = 3
_SHARE = 0.6
"""A name spells something if it has so many words, and they are so much of it; of random base64
0.7 % do."""


def spells(name: str) -> bool:
    """Return whether a name spells something."""
    words = _WORD.findall(name)
    return len(words) >= _WORDS and sum(map(len, words)) >= _SHARE * len(name)


class Beside:
    """Reads the fields beside the turns, past what the dialect `read` of them."""

    def __init__(self, principal: Principal, read: AbstractSet[int]) -> None:
        self._principal = principal
        self._read = read
        self._spelt: dict[str, None] = {}
        self.marks: list[int] = []
        """By which fields are known as they are."""
        self.payloads: list[str | bytes] = []
        """What of them is no text."""

    def texts(self, asked: Mapping[str, Any]) -> Iterator[str]:
        """Yield the text of each field that is not known as it is."""
        for name, value in asked.items():
            if not value or name in _UNSHOWN or name in TURNS or id(value) in self._read:
                continue
            if type(value) is str:
                yield self._text([(name, value)])
            elif type(value) is dict or type(value) is list:
                try:
                    written = document.write(value)
                except WireError:
                    continue
                mark = xxhash.xxh3_64_intdigest(written, self._principal.key)
                if mark in self._principal.known:
                    continue
                self.marks.append(mark)
                yield self._text(self._strings(name, value))

    @property
    def spelt(self) -> str:
        """The names that spell words: the content of a request that has no other."""
        return " ".join(self._spelt)

    def _text(self, strings: Iterable[tuple[str, str]]) -> str:
        """Join the texts of a field, and its names where they are too many to be just that."""
        texts: list[str] = []
        names: dict[str, None] = {}
        for key, text in strings:
            if key in _KEPT or is_blob(text):
                self.payloads.append(text)
            elif not is_name(text):
                texts.append(text)
            elif text not in _VOCABULARY:
                names[text] = None
        if sum(map(len, names)) > NAMES:
            texts.append(" ".join(names))
        else:
            self._spelt |= {name: None for name in names if spells(name)}
        return "\n".join(texts)

    def _strings(self, name: str, value: Any) -> Iterator[tuple[str, str]]:
        """Yield the strings and keys in a JSON value with the key that each is under, in bounded
        work; its vectors are payloads.
        """
        left = _STRINGS
        waiting: list[tuple[str, Any, int]] = [(name, value, _LEVELS)]
        while waiting and left:
            key, item, depth = waiting.pop()
            left -= 1
            if type(item) is str:
                if id(item) not in self._read:
                    yield key, item
            elif type(item) not in (dict, list) or id(item) in self._read:
                continue
            elif not depth:
                self.payloads.append(document.write(item))
            elif type(item) is dict:
                yield from (("", one) for one in item)
                waiting += [(one, item[one], depth - 1) for one in reversed(item)]
            elif is_numbers(item):
                if (text := spelled(item)) is not None:
                    yield key, text
                else:
                    self.payloads.append(document.write(item))
            else:
                waiting += [(key, one, depth - 1) for one in reversed(item)]
        if waiting:  # past the bound: as a whole
            self.payloads.append(document.write([item for _, item, _ in waiting]))
