import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distillgate.wire.cover import LIMITS, cover, cover_documents, overlaid
from distillgate.wire.document import read_request

DEEP = b"[" * 2_000 + b"]" * 2_000
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3)
    ),
    max_leaves=12,
)


def texts(value: Any) -> set[str]:
    if isinstance(value, str):
        return {value}
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return set().union(*map(texts, items))


@given(st.lists(VALUES, min_size=1, max_size=4))
def test_no_text_of_any_reading_is_lost(values: list[Any]) -> None:
    numeric = {
        text for text in set().union(*map(texts, values)) if text.strip().lstrip("+-").isdigit()
    }

    assert set().union(*map(texts, values)) - numeric <= texts(cover("content", values))


@given(VALUES, st.integers(1, 4))
def test_readings_that_agree_are_what_they_are(value: Any, times: int) -> None:
    assert cover("content", [value] * times) == value


@pytest.mark.parametrize("name", sorted(LIMITS))
@pytest.mark.parametrize(
    ("values", "found"),
    [([5, 9], 9), ([9, 5], 9), ([5, None], None), ([-1, 5], None), (["x", 5], None), (["7", 5], 7)],
)
def test_of_limits_the_one_that_allows_most_counts(
    name: str, values: list[Any], found: int | None
) -> None:
    assert cover(name, values) == found


def test_a_limit_that_one_reading_lacks_is_none() -> None:
    covered, differ = cover_documents([{"max_tokens": 5, "n": 2}, {"n": 3}])

    assert (covered, differ) == ({"max_tokens": None, "n": 3}, True)


@pytest.mark.parametrize(
    ("key", "values", "found"),
    [
        ("n", [1, 8], 8),
        ("n", ["8", 1.0], 8.0),
        ("stream", [False, True], True),
        ("model", ["a", "b"], "b"),
        ("content", ["a", "b"], ["a", "b"]),
        ("content", [None, "b"], "b"),
        ("content", ["a", [{"text": "b"}]], ["a", {"text": "b"}]),
        ("role", ["assistant", "user"], ["assistant", "user"]),
        ("thinking", [{"type": "a"}, {"budget_tokens": 5}], {"type": "a", "budget_tokens": 5}),
    ],
)
def test_values_of_one_key_become_one(key: str, values: list[Any], found: Any) -> None:
    assert cover(key, values) == found


@pytest.mark.parametrize(
    ("body", "ambiguous"),
    [
        (b'{"a":1,"a":1}', False),
        (b'{"a":1,"a":2}', True),
        (b'{"a": [ {"b": 1, "b": 2} ] }', True),
        (b'{"a":"1 2","b":"\\u0041"}', False),
        (b'{"a":1,"\\u0061":2}', True),
        (b'{"a":1.50,"b":[]}', False),
        (b'{"a":1.50,"b":[],"a":15e-1}', False),
        (b'{"a":1.50,"b":[],"a":0}', True),
        (b'{"a":1e400,"a":2}', True),
        (b'{"x":' + b"[" * 2_000 + b"]" * 2_000 + b',"a":1,"a":2}', True),
        (
            b'{"x":' + b"[" * 2_000 + b"]" * 2_000 + b',"x":' + b"[" * 2_000 + b"]" * 2_000 + b"}",
            True,
        ),
    ],
)
def test_a_repeated_key_is_noticed_in_any_spelling(body: bytes, ambiguous: bool) -> None:
    assert read_request(body).ambiguous is ambiguous


@given(VALUES)
def test_many_repeats_cost_no_more_than_their_length(value: Any) -> None:
    covered, _ = cover_documents([{"content": [value]}] * 3 + [{"content": []}])

    assert covered["content"] == [value] * 3


def test_what_a_request_lays_over_itself_is_one_reading_more() -> None:
    document = {"prompt": "decoy", "max_tokens": 1, "n": 1}
    laid = {"prompt": "real", "extra_body": {"n": 9, "max_tokens": 5000}}

    found, differ = overlaid({**document, "extra_body": laid})

    assert differ
    assert found == {"prompt": ["decoy", "real"], "max_tokens": 5000, "n": 9}


@pytest.mark.parametrize("laid", [{"max_tokens": 5}, {"prompt": "x"}, {}, None, "x"])
def test_what_is_laid_over_nothing_else_can_be_read_in_one_way(laid: Any) -> None:
    document = {"prompt": "x", "extra_body": laid}

    found, differ = overlaid(document)

    assert not differ
    assert found["prompt"] == "x"
    assert found.get("max_tokens") is None


def test_what_is_merged_again_at_every_level_loses_nothing() -> None:
    body = json.dumps({f"k{number}": number for number in range(20_000)})
    for level in range(24):
        body = f'{{"a":{body},"a":{{"z":{level}}}}}'

    found = read_request(body.encode()).value
    for _ in range(24):
        found = found["a"]

    assert found["k19999"] == 19_999
    assert found["z"] == 0
