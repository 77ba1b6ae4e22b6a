"""Every form of an export gives the same objects, however it is chunked; what is none is told."""

import io
import json
from typing import Any

import pytest

from distillgate.traffic import documents
from distillgate.traffic.documents import Piece, pieces

OBJECTS = [{"a": n, "s": 'x"]}{[\\', "n": {"data": [1, {"b": 2}]}} for n in range(20)]
FORMS = {
    "lines": "\n".join(map(json.dumps, OBJECTS)),
    "array": json.dumps(OBJECTS),
    "array of lines": "[\n" + ",\n".join(map(json.dumps, OBJECTS)) + "\n]",
    "indented": json.dumps(OBJECTS, indent=2),
    "one after the other": "".join(map(json.dumps, OBJECTS)),
    "indented, one after the other": "\n".join(json.dumps(o, indent=1) for o in OBJECTS),
    "page": json.dumps({"m": {"x": [1]}, "result": OBJECTS, "z": {"y": [{}]}}, indent=2),
    "nested": json.dumps({"R": [{"r": {"z": []}, "S": [{"result": OBJECTS}]}]}, indent=1),
}


def cut(data: bytes, chunk: int = 1 << 20) -> list[Piece]:
    file = io.BytesIO(data)
    return list(pieces(lambda _: file.read(chunk), frozenset({"result", "R", "S"})))


@pytest.mark.parametrize("chunk", [1, 7, 1000, 1 << 20])
@pytest.mark.parametrize("form", FORMS)
def test_every_form_in_any_chunks_gives_the_same_objects(form: str, chunk: int) -> None:
    found = cut(FORMS[form].encode(), chunk)
    assert [one.error for one in found] == [""] * len(OBJECTS)
    assert [json.loads(one.data) for one in found] == OBJECTS


def test_a_damaged_line_costs_no_other() -> None:
    found = cut(b'{oops\n{"a":1}\n\n{"b":2}\n')
    assert [(one.line, one.data) for one in found] == [
        (1, b"{oops"),
        (2, b'{"a":1}'),
        (4, b'{"b":2}'),
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b'[\n {"a":\n 1},\n 3, {"b": 2}\n]', [(2, ""), (4, "not a JSON object: 3"), (4, "")]),
        (b'[{"a": [1, 2},\n {"b"', [(1, "the file breaks off in what begins here")]),
        (b'[{"a": 1}, {"b": "never ends', [(1, ""), (1, "the file breaks off")]),
        (b"[1, 2]", [(1, "not a JSON object: 1, 2")]),
    ],
)
def test_what_is_no_object_is_told_with_its_line(text: bytes, told: list[Any]) -> None:
    found = cut(text)
    assert len(found) == len(told)
    for piece, (line, error) in zip(found, told, strict=True):
        assert piece.line == line
        assert piece.error.startswith(error)
        assert bool(piece.error) is bool(error)


@pytest.mark.parametrize(
    "form", [b'{"a": 1}\n{"b": "%s"}\n{"c": 2}\n', b'[{"a": 1}\n,{"b": "%s"},\n{"c": 2}]']
)
def test_an_object_past_the_bound_is_told_and_the_next_is_read(
    form: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "LINE_LIMIT", 1000)
    found = cut(form % (b"x" * 5000), 100)
    assert [bool(one.error) for one in found] == [False, True, False]
    assert json.loads(found[2].data) == {"c": 2}


def test_empty_files_hold_nothing() -> None:
    for text in (b"", b" \n", b"[]", b'{"result":\n[]}'):
        assert cut(text) == []


def test_the_stamp_of_cloudwatch_is_passed_over() -> None:
    assert [one.data for one in cut(b'2024-07-01T00:00:00.000Z {"a":1}\n')] == [b'{"a":1}']
