from typing import Any

import pytest

from distillgate.dialects.gemini import GEMINI, GEMINI_EMBED
from distillgate.wire.request import Request, from_document


def read(**document: Any) -> Request:
    return from_document(GEMINI, document)


def said(request: Request) -> list[tuple[str, str]]:
    return [(message.role, message.text) for message in request.messages]


def test_instructions_turns_calls_and_results_are_read() -> None:
    request = read(
        systemInstruction={"parts": [{"text": "rules"}]},
        contents=[
            {
                "role": "user",
                "parts": [{"text": "a"}, {"inlineData": {"data": "xx"}}, {"text": "b"}],
            },
            {"role": "model", "parts": [{"functionCall": {"name": "f", "args": {"x": 1}}}]},
            {
                "role": "function",
                "parts": [{"functionResponse": {"name": "f", "response": {"y": 2}}}],
            },
            {"parts": [{"text": "now"}]},
        ],
    )

    assert said(request) == [
        ("system", "rules"),
        ("user", "a\nb"),
        ("assistant", 'f({"x":1})'),
        ("tool", '{"y":2}'),
        ("user", "now"),
    ]
    assert request.turns == 4


@pytest.mark.parametrize(
    "contents", ["hi", {"parts": [{"text": "hi"}]}, [{"parts": {"text": "hi"}}], ["hi"]]
)
def test_a_content_has_many_forms(contents: Any) -> None:
    assert read(contents=contents).newest == "hi"


@pytest.mark.parametrize(
    "config",
    [
        {
            "maxOutputTokens": 5,
            "topP": 0.5,
            "candidateCount": 3,
            "responseMimeType": "application/json",
        },
        {
            "max_output_tokens": 5,
            "top_p": 0.5,
            "candidate_count": 3,
            "response_mime_type": "application/json",
        },
    ],
)
@pytest.mark.parametrize("name", ["generationConfig", "generation_config"])
def test_parameters_are_read_under_both_spellings(name: str, config: dict[str, Any]) -> None:
    found = read(contents="x", **{name: config}).parameters

    assert (found.max_tokens, found.top_p, found.n, found.json_output) == (5, 0.5, 3, True)


def test_of_both_spellings_of_a_limit_the_larger_counts() -> None:
    config = {"maxOutputTokens": 5, "max_output_tokens": 9}

    assert read(contents="x", generationConfig=config).parameters.max_tokens == 9


def test_declared_functions_are_tools() -> None:
    tools = [{"functionDeclarations": [{"name": "f"}, {"name": "g"}]}, {"googleSearch": {}}]
    request = read(contents="x", tools=tools)

    assert request.tools == [{"name": "f"}, {"name": "g"}, {"googleSearch": {}}]
    assert request.parameters.tools == 3


def test_each_embedding_of_a_batch_is_an_input() -> None:
    requests = [{"content": {"parts": [{"text": str(n)}]}} for n in range(3)]
    batch = from_document(GEMINI_EMBED, {"requests": requests})
    one = from_document(GEMINI_EMBED, {"content": {"parts": [{"text": "x"}]}})

    assert [m.text for m in batch.messages] == ["0", "1", "2"]
    assert one.newest == "x"
