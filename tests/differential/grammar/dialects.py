"""JSON that some parsers read one way and others another, or not at all."""

import json
from collections.abc import Callable, Iterator

from hypothesis import strategies as st
from tests.differential.grammar.documents import Draw, Member, asked, members, write

DEPTHS = (100, 500, 1010, 1023, 1030, 2000, 9000)
"""Around the bounds of the parsers: orjson's 1024, CPython's recursion, Go's 10,000."""


def document(draw: Draw, operation: str, texts: Iterator[str], dialect: str) -> bytes:
    """Build a body for one call, in one of `DIALECTS`."""
    found = members(draw, operation, texts)
    if not dialect:
        return write(found).encode()
    return DIALECTS[dialect](draw, operation, texts, found)


def _case(draw: Draw, operation: str, texts: Iterator[str], found: list[Member]) -> bytes:
    """Write known keys in other letters, beside or instead of their usual ones."""
    for place in draw(st.sets(st.integers(0, len(found) - 1), min_size=1)):
        found[place] = Member(_folded(draw, found[place].key), found[place].value)
    if draw(st.booleans()):
        found = _beside(draw, found, members(draw, operation, texts))
    text = write(found)
    if draw(st.booleans()):
        inner = draw(st.sampled_from(("content", "role", "text", "type")))
        text = text.replace(f'"{inner}"', f'"{_folded(draw, inner)}"')
    return text.encode()


def _folded(draw: Draw, key: str) -> str:
    how = draw(st.sampled_from(("upper", "title", "swap", "long s", "kelvin")))
    if how == "long s" and "s" in key:
        return key.replace("s", draw(st.sampled_from(("\u017f", "\\u017f"))))
    if how == "kelvin" and "k" in key:
        return key.replace("k", draw(st.sampled_from(("\u212a", "\\u212a"))))
    return {"title": key.title(), "swap": key[:-1] + key[-1].upper()}.get(how, key.upper())


def _beside(draw: Draw, one: list[Member], other: list[Member]) -> list[Member]:
    return one + other if draw(st.booleans()) else other + one


def _twice(draw: Draw, operation: str, texts: Iterator[str], found: list[Member]) -> bytes:
    other = asked(draw, operation, texts)
    if draw(st.booleans()):
        other.append(Member("max_tokens", str(draw(st.integers(1, 99999)))))
    text = write(_beside(draw, found, other))
    if draw(st.booleans()):
        decoy = json.dumps(next(texts))
        text = text.replace('"content":', f'"content":{decoy},"content":', 1)
    return text.encode()


def _merged(draw: Draw, operation: str, texts: Iterator[str], found: list[Member]) -> bytes:
    """Give the turns twice, the second time with what a merging parser keeps left out."""
    rest = draw(st.sampled_from(('[{"role":"user"}]', "[{}]", "[]", "null", "[null]")))
    key = {"completions": "prompt", "embeddings": "input", "responses": "input"}
    return write([*found, Member(key.get(operation, "messages"), rest)]).encode()


def _encoded(draw: Draw, operation: str, texts: Iterator[str], found: list[Member]) -> bytes:
    marks = ("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le")
    return write(found).encode(draw(st.sampled_from(marks)))


def _invalid(draw: Draw, operation: str, texts: Iterator[str], found: list[Member]) -> bytes:
    wrong = st.sampled_from((b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xe2\x82", b"\xe9"))
    data = write(found).encode()
    where = data.rfind(b"text ")
    return data[:where] + draw(wrong) + data[where:] if where >= 0 else data


def _trailing(draw: Draw, operation: str, texts: Iterator[str], found: list[Member]) -> bytes:
    rest = st.sampled_from(
        (b" ", b"\n", b"}", b"x", b"\0", b'{"a":1}', b"\n// c", b"]", b",", b"null")
    )
    return write(found).encode() + draw(rest)


def _deep(draw: Draw, operation: str, texts: Iterator[str], found: list[Member]) -> bytes:
    depth = draw(st.sampled_from(DEPTHS))
    start, end = draw(st.sampled_from((("[", "]"), ('{"a":', "}"))))
    inner = "0" if start != "[" else ""
    deep = Member("metadata", start * depth + inner + end * depth)
    return write(_beside(draw, [deep], found)).encode()


def _numbers(draw: Draw, operation: str, texts: Iterator[str], found: list[Member]) -> bytes:
    numbers = ("1e400", "-1e400", str(2**64), str(-(2**63) - 1), "9" * 5000, "0.1" + "0" * 60 + "1")
    odd = draw(
        st.sampled_from(
            (*numbers, "NaN", "Infinity", "-Infinity", "-0", "1E2", "01", "+1", ".5", "0x10")
        )
    )
    name = draw(st.sampled_from(("seed", "temperature", "max_tokens", "x")))
    return write(_beside(draw, [Member(name, odd)], found)).encode()


def _limits(draw: Draw, operation: str, texts: Iterator[str], found: list[Member]) -> bytes:
    value = st.sampled_from(('"5"', "5.0", "-1", "0", "null", "true", "1e3", '"1e3"', "[]", "{}"))
    name = draw(st.sampled_from(("max_tokens", "max_completion_tokens", "stream", "model", "n")))
    return write(_beside(draw, [Member(name, draw(value))], found)).encode()


def _loose(draw: Draw, operation: str, texts: Iterator[str], found: list[Member]) -> bytes:
    """Write what JSON5 and its like allow."""
    text = write(found)
    how = draw(st.sampled_from(("comment", "line", "comma", "quotes", "newline", "keys")))
    loose = {
        "comment": text.replace("{", "{/* c */", 1),
        "line": text.replace("{", "{// c\n", 1),
        "comma": text[:-1] + ",}",
        "quotes": text.replace('"', "'"),
        "newline": text.replace("text ", "text\n\t", 1),
    }
    return loose.get(how, text.replace('"model"', "model")).encode()


def _spaced(draw: Draw, operation: str, texts: Iterator[str], found: list[Member]) -> bytes:
    space = draw(st.sampled_from((" ", "\n", "\t", "\r\n", "\ufeff", "\u00a0", "\f")))
    return (space + write(found, comma=f",{space}", colon=f"{space}:") + space).encode()


def _escaped(draw: Draw, operation: str, texts: Iterator[str], found: list[Member]) -> bytes:
    place = draw(st.integers(0, len(found) - 1))
    key, value = found[place]
    cut = draw(st.integers(0, len(key) - 1))
    found[place] = Member(f"{key[:cut]}\\u{ord(key[cut]):04x}{key[cut + 1 :]}", value)
    lone = draw(st.sampled_from(("", "\\ud800", "\\udc00x", "\\ud83d\\ude00", "\\u0000")))
    return write(found).replace("text ", f"text {lone}", 1).encode()


def _other(draw: Draw, operation: str, texts: Iterator[str], found: list[Member]) -> bytes:
    """Send what is no object, or one within another."""
    text = write(found)
    return draw(
        st.sampled_from(
            (f"[{text}]", json.dumps(text), "", "null", "1", text[:-1], f"{text}{text}")
        )
    ).encode()


DIALECTS: dict[str, Callable[[Draw, str, Iterator[str], list[Member]], bytes]] = {
    "case": _case,
    "deep": _deep,
    "encoded": _encoded,
    "escaped": _escaped,
    "invalid": _invalid,
    "limits": _limits,
    "loose": _loose,
    "merged": _merged,
    "numbers": _numbers,
    "other": _other,
    "spaced": _spaced,
    "trailing": _trailing,
    "twice": _twice,
}
