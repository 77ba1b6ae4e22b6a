from typing import Any

import pytest

from distillgate.dialects.chat import CHAT
from distillgate.dialects.completions import COMPLETIONS
from distillgate.dialects.gemini import GEMINI, GEMINI_EMBED
from distillgate.dialects.interactions import INTERACTIONS
from distillgate.dialects.native import NATIVE
from distillgate.dialects.ollama import OLLAMA_CHAT, OLLAMA_GENERATE
from distillgate.dialects.ranking import RANKING
from distillgate.dialects.responses import RESPONSES
from distillgate.policy.answered_texts import AnsweredTexts
from distillgate.wire.operation import Operation
from distillgate.wire.request import Request, from_document


def chat(text: Any, **fields: Any) -> Request:
    messages = [{"role": "user", "content": text}]
    return from_document(CHAT, {"messages": messages, **fields})


def send(answered: AnsweredTexts, principal: int, request: Request) -> bool:
    """Have a request answered; say whether it was new."""
    key = answered.unseen(principal, request)
    if key is not None:
        answered.note(key)
    return key is not None


def test_a_text_is_new_once() -> None:
    answered = AnsweredTexts()

    assert [send(answered, 1, chat("What is rust?")) for _ in range(3)] == [True, False, False]
    assert send(answered, 1, chat("What is verdigris?"))


def test_somebody_elses_text_is_new_to_me() -> None:
    answered = AnsweredTexts()
    send(answered, 1, chat("What is rust?"))

    assert send(answered, 2, chat("What is rust?"))


def test_looking_does_not_count_as_answering() -> None:
    answered = AnsweredTexts()
    answered.unseen(1, chat("What is rust?"))

    assert answered.unseen(1, chat("What is rust?")) is not None


def test_how_it_is_asked_does_not_make_a_text_new() -> None:
    answered = AnsweredTexts()
    send(answered, 1, chat("What is rust?", temperature=0.2, seed=1))

    assert not send(answered, 1, chat("What is rust?", temperature=0.9, seed=2, user="u-7"))


def test_content_that_is_not_read_as_text_makes_it_new() -> None:
    def picture(name: str) -> Request:
        asked = {"type": "text", "text": "What is this?"}
        return chat([asked, {"type": "image_url", "image_url": {"url": name}}])

    answered = AnsweredTexts()
    long = "x" * 50_000

    for request in (
        picture("a.png"),
        picture("b.png"),
        chat("Go on.", tools=[{"function": {"name": "a"}}]),
        chat("Go on.", tools=[{"function": {"name": "b"}}]),
        chat(f"{long}a{long}"),
        chat(f"{long}b{long}"),
        chat("Say one word.", logit_bias={"17": 100}),
        chat("Say one word.", logit_bias={"18": 100}),
        from_document(COMPLETIONS, {"prompt": [1, 2, 3]}),
        from_document(COMPLETIONS, {"prompt": [1, 2, 4]}),
    ):
        assert send(answered, 1, request)
        assert not send(answered, 1, request)


def test_a_content_of_any_depth_is_new_once() -> None:
    nested: Any = []
    for _ in range(5000):
        nested = [nested]
    answered = AnsweredTexts()

    assert [send(answered, 1, chat("Go on.", tools=nested)) for _ in range(2)] == [True, False]


ASKED: dict[Operation, dict[str, Any]] = {
    GEMINI: {"contents": [{"parts": [{"text": "a"}]}]},
    GEMINI_EMBED: {"content": {"parts": [{"text": "a"}]}},
    INTERACTIONS: {"input": "a", "previous_interaction_id": "v1_1"},
    OLLAMA_CHAT: {"messages": [{"role": "user", "content": "a"}]},
    OLLAMA_GENERATE: {"prompt": "a", "context": [1]},
    NATIVE: {"inputs": "a", "instances": [{"text": "a"}]},
    RANKING: {"query": "a", "documents": ["a"]},
    RESPONSES: {"input": "a", "previous_response_id": "resp_1"},
    COMPLETIONS: {"prompt": ["a"]},
}


@pytest.mark.parametrize("operation", ASKED)
def test_every_apis_content_is_what_tells_texts_apart(operation: Operation) -> None:
    answered, asked = AnsweredTexts(), ASKED[operation]

    assert [send(answered, 1, from_document(operation, asked)) for _ in range(2)] == [True, False]
    assert not send(answered, 1, from_document(operation, asked | {"temperature": 0.5}))
    for name in asked:
        assert send(answered, 1, from_document(operation, asked | {name: "another"})), name
