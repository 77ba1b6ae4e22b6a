from collections.abc import Callable
from typing import Any

import pytest

from distillgate.dialects.completions import COMPLETIONS, EMBEDDINGS
from distillgate.wire.content import MESSAGE_LIMIT
from distillgate.wire.request import Message, Request, from_document


def read(prompt: Any, **fields: Any) -> Request:
    return from_document(COMPLETIONS, {"model": "m", "prompt": prompt, **fields})


def embed(**fields: Any) -> Request:
    return from_document(EMBEDDINGS, {"model": "m", **fields})


@pytest.mark.parametrize(
    ("prompt", "texts", "turns", "token_ids"),
    [
        ("Once upon", ["Once upon"], 1, 0),
        (["Once", "upon"], ["Once", "upon"], 2, 0),
        ([1, 2, 3], [""], 1, 3),
        ([1.0, 2, 3], [""], 1, 3),
        (["Once", 1, 2], ["Once"], 1, 3),
        ([[1, 2], [3]], ["", ""], 2, 3),
        (["Once", [1, 2]], ["Once", ""], 2, 2),
        ([], [], 0, 0),
        (None, [""], 1, 0),
        ({"a": 1}, [""], 1, 0),
    ],
)
@pytest.mark.parametrize("call", [read, lambda prompt: embed(input=prompt)])
def test_inputs_are_read_in_every_form(
    call: Callable[[Any], Request], prompt: Any, texts: list[str], turns: int, token_ids: int
) -> None:
    request = call(prompt)

    assert request.messages == [Message("user", text) for text in texts]
    assert (request.turns, request.token_ids) == (turns, token_ids)


def test_many_inputs_are_bounded_and_their_number_known() -> None:
    request = read([[1, 2]] * 100_000)

    assert len(request.messages) == MESSAGE_LIMIT
    assert (request.turns, request.token_ids) == (100_000, 200_000)


def test_completion_parameters_are_read() -> None:
    p = read("x", logprobs=0, echo=True, best_of=4, max_tokens=16, logit_bias={"1": 2}).parameters

    assert (p.logprobs, p.top_logprobs, p.echo, p.best_of) == (True, 0, True, 4)
    assert (p.max_tokens, p.logit_bias) == (16, ("1",))


@pytest.mark.parametrize(
    ("value", "logprobs", "top"), [(5, True, 5), (True, True, None), (None, False, None)]
)
def test_logprobs_are_a_number_or_a_flag(value: Any, logprobs: bool, top: int | None) -> None:
    p = read("x", logprobs=value).parameters

    assert (p.logprobs, p.top_logprobs) == (logprobs, top)


def test_embedding_requests_may_hold_messages_or_a_prompt() -> None:
    assert embed(prompt="a", user="u").messages == [Message("user", "a")]
    assert embed(messages=[{"role": "user", "content": "b"}]).messages == [Message("user", "b")]
    assert embed(prompt="a", user="u").end_user == "u"


@pytest.mark.parametrize("name", ["input", "inputs", "texts", "prompt", "content", "text"])
def test_what_is_embedded_is_read_under_every_servers_name(name: str) -> None:
    assert embed(**{name: ["a", "b"]}).messages == [Message("user", "a"), Message("user", "b")]


def test_all_is_embedded_that_some_server_takes_for_the_input() -> None:
    """llama.cpp reads `content` where there is no `input`, SGLang `text` whatever else there is."""
    request = embed(input=[7, 8], text=["a", "b"])

    assert [turn.text for turn in request.messages] == ["", "a", "b"]
    assert (request.prompts, request.token_ids) == (3, 2)
