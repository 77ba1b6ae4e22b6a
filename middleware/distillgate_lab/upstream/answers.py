"""What the embedded upstream says: pure functions of what it was asked, so runs compare."""

import re
from collections.abc import Iterator, Mapping
from hashlib import blake2b
from typing import Any

_PROSE = """
the a this each one light water river stone field answer question number method result example
small large simple clear early later first second other same shows gives keeps holds follows
means needs takes turns because while when where after before with without under over between
system person reason order point value change part whole idea step table model
"""
WORDS = tuple(_PROSE.split())

PIECE = re.compile(r"\S+\s*|\s+")
"""A word with the space after it: what counts as one token here. Linear in any text."""

MAX_DEPTH = 8
"""How deep `instance` follows a schema that refers to itself."""


def seed(*parts: str) -> int:
    """Turn text into a number that is the same in every process and on every machine."""
    digest = blake2b("\x1f".join(parts).encode("utf-8", "surrogatepass"), digest_size=8)
    return int.from_bytes(digest.digest(), "big")


def answer(prompt: str) -> str:
    """Write 24 to 63 words and a full stop: always the same for the same prompt."""
    state = seed(prompt)
    words = [word for _, word in zip(range(24 + state % 40), _words(state), strict=False)]
    return " ".join(words).capitalize() + "."


def pieces(text: str) -> list[str]:
    """Cut text into the pieces it is streamed in. Joined, they are the text again."""
    return PIECE.findall(text)


def vector(text: str, dimensions: int) -> list[float]:
    """Embed text: numbers between -1 and 1, always the same for the same text."""
    state = seed(text)
    numbers = []
    for _ in range(dimensions):
        state = _next(state)
        numbers.append((state >> 32) / 2**31 - 1.0)
    return numbers


def instance(schema: Mapping[str, Any], state: int, *, root: Any = None, depth: int = 0) -> Any:
    """Build a value the JSON Schema accepts: enum, const, combinations, references, all the types.

    Formats and patterns are not honoured; a schema nested past `MAX_DEPTH` ends in null.
    """
    root = schema if root is None else root
    if depth > MAX_DEPTH:
        return None
    if "$ref" in schema:
        return instance(_resolve(root, str(schema["$ref"])), state, root=root, depth=depth + 1)
    if "const" in schema:
        return schema["const"]
    if schema.get("enum"):
        return schema["enum"][state % len(schema["enum"])]
    for combination in ("anyOf", "oneOf", "allOf"):
        if schema.get(combination):
            return instance(schema[combination][0], state, root=root, depth=depth + 1)
    return _typed(schema, state, root, depth)


def _typed(schema: Mapping[str, Any], state: int, root: Any, depth: int) -> Any:
    kind = schema.get("type", "object" if "properties" in schema else "string")
    if isinstance(kind, list):
        kind = kind[0]
    if kind == "object":
        properties = schema.get("properties", {})
        return {
            name: instance(part, seed(name, str(state)), root=root, depth=depth + 1)
            for name, part in properties.items()
        }
    if kind == "array":
        items = schema.get("items", {})
        count = max(1, int(schema.get("minItems", 1)))
        return [instance(items, state + i, root=root, depth=depth + 1) for i in range(count)]
    if kind in ("integer", "number"):
        number = schema.get("minimum", schema.get("maximum", state % 100))
        return int(number) if kind == "integer" else float(number)
    if kind == "boolean":
        return bool(state % 2)
    return None if kind == "null" else WORDS[state % len(WORDS)]


def _resolve(root: Any, reference: str) -> Mapping[str, Any]:
    target = root
    for step in reference.removeprefix("#").split("/")[1:]:
        target = target.get(step, {})
    return target if isinstance(target, Mapping) else {}


def _words(state: int) -> Iterator[str]:
    while True:
        state = _next(state)
        yield WORDS[(state >> 33) % len(WORDS)]


def _next(state: int) -> int:
    """Step the linear congruential generator of Knuth's MMIX: good enough for prose."""
    return (state * 6364136223846793005 + 1442695040888963407) % 2**64
