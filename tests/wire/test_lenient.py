import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distillgate.wire.lenient import read

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=30,
)


@given(VALUES, st.sampled_from([None, 1]), st.booleans())
def test_what_the_standard_library_writes_is_read(
    value: Any, indent: int | None, ascii_: bool
) -> None:
    assert read(json.dumps(value, indent=indent, ensure_ascii=ascii_), dict) == value


@given(VALUES, st.text(alphabet=' \n\t,:[]{}"0truefalsnl\\', max_size=4), st.integers(0, 40))
def test_damage_is_read_or_a_value_error(value: Any, inserted: str, at: int) -> None:
    text = json.dumps(value)
    try:
        read(text[:at] + inserted + text[at:], dict)
    except ValueError:
        return


@pytest.mark.parametrize("depth", [10, 1_000, 2_000, 50_000])
def test_any_depth_is_read(depth: int) -> None:
    found = read('{"x":' + "[" * depth + "]" * depth + ',"y":1}', dict)

    assert found["y"] == 1


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("[NaN]", [math.nan]),
        ("[-Infinity]", [-math.inf]),
        ("[1, 2,]", [1, 2]),
        ('{"a": 1,}', {"a": 1}),
        ("/* a */ [1] // b", [1]),
        ('{"a" /* : */ : // 5\n 6}', {"a": 6}),
        ('["a\nb"]', ["a\nb"]),
        ("[1e400]", [math.inf]),
        ("{} trailing", {}),
        ("\ufeff {}", {}),
    ],
)
def test_what_some_upstream_reads_is_read(text: str, value: Any) -> None:
    assert repr(read(text, dict)) == repr(value)


def test_integers_are_exact_and_past_4000_digits_floats() -> None:
    assert read(str(2**256), dict) == 2**256
    assert read("9" * 5_000, dict) == math.inf


@pytest.mark.parametrize(
    "text",
    ["", " ", "{", "[", "]", "}", "[}", "{]", ":", ",", '{"a"}', '{"a":}', "{1:2}", '{"a":1:2}',
     "[1:2]", '"a', '"\\x"', "01", "-", "1.", "1.e5", "tru", "nan", "[" * 9_999, "/*",
     "'a'", "{a:1}"],
)  # fmt: skip
def test_what_no_upstream_reads_is_an_error(text: str) -> None:
    with pytest.raises(ValueError):
        read(text, dict)
