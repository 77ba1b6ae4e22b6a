from typing import Any

import pytest

from distillgate.dialects.native import NATIVE
from distillgate.wire.content import MESSAGE_LIMIT
from distillgate.wire.request import from_document


@pytest.mark.parametrize(
    ("document", "texts", "limit"),
    [
        ({"text": "a", "sampling_params": {"max_new_tokens": 5}}, ["a"], 5),
        ({"text": ["a", "b"], "sampling_params": [{"max_new_tokens": 5}, {"max_new_tokens": 9}]},
         ["a", "b"], 9),
        ({"inputs": "a", "parameters": {"max_new_tokens": 5}}, ["a"], 5),
        ({"prompt": "a", "n_predict": 5}, ["a"], 5),
        ({"prompt": ["a", "b"], "n_predict": -1}, ["a", "b"], None),
        ({"instances": [{"text": "a"}, {"text": "b"}], "parameters": {"max_new_tokens": 5}},
         ["a", "b"], 5),
        ({"instances": [{"prompt": "a"}], "parameters": {"sampling_params": {"max_new_tokens": 5}}},
         ["a"], 5),
        ({"instances": ["a"], "parameters": {"maxOutputTokens": 5}}, ["a"], 5),
        ({"input_prefix": "a", "input_suffix": "b", "n_predict": 5}, ["a", "b"], 5),
        ({"prompt": "decoy", "text": "real", "inputs": "too"}, ["real", "too", "decoy"], None),
    ],
)  # fmt: skip
def test_what_stands_in_a_body_is_read_under_every_servers_name(
    document: dict[str, Any], texts: list[str], limit: int | None
) -> None:
    request = from_document(NATIVE, document)

    assert [message.text for message in request.messages] == texts
    assert request.turns == len(texts)
    assert request.parameters.max_tokens == limit


@pytest.mark.parametrize(("ids", "count"), [([1, 2, 3], 3), ([[1, 2], [3]], 3)])
@pytest.mark.parametrize("name", ["input_ids", "token_ids", "prompt"])
def test_token_ids_are_counted(name: str, ids: Any, count: int) -> None:
    assert from_document(NATIVE, {name: ids}).token_ids == count


def test_log_probabilities_and_streams_are_noticed() -> None:
    document = {"text": "a", "return_logprob": True, "top_logprobs_num": 4, "stream": True}
    found = from_document(NATIVE, document).parameters

    assert (found.logprobs, found.top_logprobs, found.stream) == (True, 4, True)


def test_a_body_of_nothing_known_has_no_text() -> None:
    assert from_document(NATIVE, {"x": 1}).newest == ""


def test_instances_are_read_within_the_bound_on_turns_and_all_counted() -> None:
    instances = [{"text": [f"{at} {number}" for number in range(100)]} for at in range(100)]

    request = from_document(NATIVE, {"instances": instances})

    assert len(request.messages) == MESSAGE_LIMIT
    assert request.prompts == 10_000


def test_an_instance_that_is_a_list_asks_as_often_as_it_has_prompts() -> None:
    request = from_document(NATIVE, {"instances": [["a", "b"], "c", [1, 2, 3], {"text": ["d"]}]})

    assert request.prompts == 5
