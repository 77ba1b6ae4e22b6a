"""Times, texts and paths are read in all the ways that programs write them."""

from typing import Any

import pytest

from distillgate.traffic.formats.form import found, messages, path_of, said, when


@pytest.mark.parametrize(
    "told",
    [
        1771286400.5,
        1771286400500,
        1771286400500000,
        1771286400500000000,
        "1771286400500",
        "2026-02-17T00:00:00.5Z",
        "2026-02-17 00:00:00.500000",
        "2026-02-17T01:00:00.5000000+01:00",
    ],
)
def test_a_time_is_read_in_seconds_its_parts_and_iso(told: Any) -> None:
    assert when(told) == pytest.approx(1771286400.5)


@pytest.mark.parametrize("told", [None, "", "soon", [], {}, True, float("nan")])
def test_what_is_no_time_is_not_known(told: Any) -> None:
    assert when(told) is None


@pytest.mark.parametrize(
    "told",
    [
        "hi",
        [{"role": "user", "content": "hi"}],
        {"messages": [{"role": "user", "content": "hi"}]},
        '[{"role": "user", "content": "hi"}]',
        {"role": "user", "content": "hi"},
        ["hi"],
    ],
)
def test_what_was_asked_is_read_in_the_usual_ways(told: Any) -> None:
    assert messages(told) == [{"role": "user", "content": "hi"}]


def test_a_number_past_64_bits_is_text_as_it_came() -> None:
    assert messages([{"n": 1 << 70}]) == [{"role": "user", "content": f'{{"n":{1 << 70}}}'}]


def test_an_answer_of_any_depth_is_looked_through_to_a_bound() -> None:
    deep: Any = "x"
    for _ in range(100_000):
        deep = {"content": deep}
    assert said(deep) is None
    assert said([{"type": "text", "text": "a"}, {"delta": {"text": "b"}}, None]) == "ab"
    assert said({}) is None


def test_a_path_leads_through_text_and_through_keys_with_dots() -> None:
    assert found({"metadata": '{"user": {"id": 3}}'}, "metadata.user.id") == 3
    assert found({"a": {"user.id": 4}}, "a.user.id") == 4
    assert found({"a": 1}, "a.b.c") is None


def test_a_body_tells_its_call() -> None:
    assert path_of({"messages": [], "system": "s", "max_tokens": 1}) == "/v1/messages"
    assert path_of({"messages": []}) == "/v1/chat/completions"
    assert path_of({"input": ["a", "b"]}) == "/v1/embeddings"
    assert path_of({"input": [{"role": "user"}]}) == "/v1/responses"
    assert path_of({"contents": []}).endswith(":generateContent")
