"""What nobody names keeps every byte, whatever else is changed."""

import json
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from distillgate.errors import WireError
from distillgate.wire import document
from distillgate.wire.edit import Body, Value, amended, value_end

SPACE = st.text(" \t\r\n", max_size=2)
EXACT = [
    str(2**256), str(-(2**64)), "1e400", "0.1000000000000000055511151231257827000001", "-0.0",
    "1.50E+2", "1E2", "NaN", "-Infinity", "null", "true",
]  # fmt: skip
STRINGS = [
    '"a"', '"\\u0061\\/"', '"\\ud83d\\ude00"', '"\\\\"', '"\\""', '"[{,:}]"', '"\u2028 é 😀"', '""',
    '"\\ud800"',
]  # fmt: skip
KEYS = ['"a"', '"A"', '"seed"', '"SEED"', '"s\\u0065ed"', '"x y"', '""', '"\u017feed"']


def containers(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Write arrays and objects in any layout, duplicate keys included."""
    element = st.tuples(SPACE, inner, SPACE).map("".join)
    member = st.tuples(SPACE, st.sampled_from(KEYS), SPACE, st.just(":"), element).map("".join)
    array = st.lists(element, min_size=1, max_size=4).map(lambda parts: f"[{','.join(parts)}]")
    table = st.lists(member, min_size=1, max_size=4).map(lambda parts: f"{{{','.join(parts)}}}")
    return array | table | st.sampled_from(["{}", "[]", "{ }", "[\n]"])


JSON = st.recursive(st.sampled_from(EXACT + STRINGS), containers, max_leaves=12)
OBJECTS = containers(JSON).filter(lambda text: text.startswith("{"))


def explode(value: Value) -> None:
    """Look into everything."""
    for item in value.items():
        explode(item.value)


@given(JSON, SPACE, SPACE)
def test_what_was_only_looked_at_is_as_it_was(text: str, before: str, after: str) -> None:
    raw = f"{before}{text}{after}".encode()
    body = Body(raw)
    explode(body.root)

    assert body.text() == raw
    assert value_end(raw, len(before)) == len(raw) - len(after)


@given(OBJECTS)
def test_a_member_is_taken_in_every_spelling_and_all_others_keep_their_bytes(text: str) -> None:
    body = Body(text.encode())
    kept = [item.value.text() for item in body.root.items() if str(item.key).casefold() != "seed"]
    keys = [item.key for item in body.root.items() if str(item.key).casefold() != "seed"]

    body.root.remove("seed")

    pairs = json.loads(body.text(), object_pairs_hook=list)
    assert [key for key, _ in pairs] == keys
    again = Body(body.text())
    assert [item.value.text() for item in again.root.items()] == kept
    assert list(again.root.members("seed")) == []


@given(OBJECTS)
def test_a_member_is_put_in_every_spelling_and_all_others_keep_their_bytes(text: str) -> None:
    body = Body(text.encode())
    kept = [item.text() for item in body.root.items() if str(item.key).casefold() != "seed"]

    body.root.put("seed", 5)

    again = Body(body.text())
    assert {value.text() for value in again.root.members("seed")} == {b"5"}
    assert json.loads(body.text())["seed"] == 5
    others = [item.text() for item in again.root.items() if str(item.key).casefold() != "seed"]
    assert others == kept


@given(OBJECTS, st.data())
def test_only_what_differs_is_written_anew(text: str, data: st.DataObject) -> None:
    raw = text.encode()
    before = document.read(raw)
    assert amended(raw, document.read(raw)) == raw
    if not before:
        return
    name = data.draw(st.sampled_from(sorted(before)))
    after = document.read(raw)
    after[name] = "new"

    changed = Body(amended(raw, after))

    for old, new in zip(Body(raw).root.items(), changed.root.items(), strict=True):
        assert new.text() == old.text() or new.key == name
        assert new.key != name or new.value.text() == b'"new"'


def test_changes_are_found_at_any_depth() -> None:
    raw = b'{"a": [1e400, {"b" : "x", "c":[ 1 ]}], "n":NaN}'
    after = document.read(raw)
    after["a"][1]["b"] = "y"
    del after["a"][1]["c"]
    after["d"] = [1, 2]

    assert amended(raw, after) == b'{"a": [1e400, {"b" : "y"}], "n":NaN,"d":[1,2]}'


def test_an_array_of_another_length_is_written_anew() -> None:
    assert amended(b'{"a":[1, 2], "b" : 1.0}', {"a": [1], "b": 1.0}) == b'{"a":[1], "b" : 1.0}'


def test_a_name_under_a_path_is_every_spelling_on_the_way() -> None:
    body = Body(b'{"a":{"B":1,"b":2},"A":{"b":3},"a":4}')

    assert [value.read() for value in body.root.members("a", "b")] == [1, 2, 3]


def test_only_another_spelling_is_no_spelling() -> None:
    body = Body(b'{"SEED":1}')
    body.root.put("seed", 2)

    assert body.text() == b'{"seed":2,"SEED":2}'


def test_a_string_grows_at_its_end() -> None:
    value = Value(b'"\\u0061"')
    value.extend('\n"b"')

    assert value.text() == b'"\\u0061\\n\\"b\\""'


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_a_text_stays_in_its_encoding(encoding: str) -> None:
    body = Body(
        '{"seed": 1, "é": "\ud83d\ude00"}'.encode("utf-16", "surrogatepass")
        .decode("utf-16")
        .encode(encoding)
    )
    body.root.remove("seed")

    assert body.text() == '{ "é": "\U0001f600"}'.encode(encoding)


def test_a_byte_order_mark_says_which() -> None:
    raw = b"\xfe\xff" + '{"seed":1,"a":2}'.encode("utf-16-be")
    body = Body(raw)
    body.root.remove("seed")

    assert body.text() == b"\xfe\xff" + '{"a":2}'.encode("utf-16-be")


def test_surrogates_and_what_follows_the_value_stay() -> None:
    raw = b'{"seed":1,"x":"\xed\xa0\x80"} {"more":1}'
    body = Body(raw)
    body.root.remove("seed")

    assert body.text() == b'{"x":"\xed\xa0\x80"} {"more":1}'


@pytest.mark.parametrize("depth", [1, 50, 1020, 100_000])
def test_any_depth_is_passed_over(depth: int) -> None:
    deep = b"[" * depth + b"]" * depth
    body = Body(b'{"a":1,"x":' + deep + b"}")
    body.root.remove("a")

    assert body.text() == b'{"x":' + deep + b"}"


@pytest.mark.parametrize(
    "raw", [b"", b" ", b'{"a"', b'{"a":1', b'"a', b"[", b'{"a" 1}', b"{1:2}", b'{"a":1 "b":2}']
)
def test_what_is_no_json_is_an_error(raw: bytes) -> None:
    with pytest.raises(WireError):
        explode(Body(raw).root)


def test_a_value_that_is_replaced_can_be_looked_into() -> None:
    value = Value(b"1")
    value.replace({"a": [1]})
    found: list[Any] = [item.value.read() for item in value.items()]

    assert found == [[1]]
    assert orjson.loads(value.text()) == {"a": [1]}


def test_a_string_that_never_ends_is_searched_for_its_end_once() -> None:
    # A comment, which only the slow reader takes; every quote in it could begin a string.
    raw = b'{"model":"m"/* "' + rb"\"" * (1 << 19) + b" */}"

    with pytest.raises(WireError):
        value_end(raw, 0)
