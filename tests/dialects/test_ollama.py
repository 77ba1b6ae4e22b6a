from distillgate.dialects.ollama import OLLAMA_CHAT, OLLAMA_CREATE, OLLAMA_GENERATE
from distillgate.wire.request import from_document


def test_a_chat_is_read() -> None:
    request = from_document(
        OLLAMA_CHAT,
        {
            "model": "llama",
            "messages": [{"role": "system", "content": "rules"}, {"role": "user", "content": "hi"}],
            "tools": [{"type": "function"}],
            "options": {"num_predict": 7, "temperature": 0.5},
            "format": "json",
            "think": "high",
        },
    )

    assert [m.text for m in request.messages] == ["rules", "hi"]
    found = request.parameters
    assert (found.max_tokens, found.temperature, found.tools) == (7, 0.5, 1)
    assert (found.stream, found.json_output, found.effort) == (True, True, "high")


def test_a_prompt_is_read_with_what_stands_around_it() -> None:
    request = from_document(
        OLLAMA_GENERATE,
        {"system": "rules", "template": "t", "prompt": "a", "suffix": "b", "context": [1, 2, 3]},
    )

    assert [(m.role, m.text) for m in request.messages] == [
        ("system", "rules"),
        ("system", "t"),
        ("user", "a\nb"),
    ]
    assert request.token_ids == 3


def test_a_prediction_without_end_is_no_limit() -> None:
    for end in (-1, -2):
        document = {"prompt": "x", "options": {"num_predict": end}, "stream": False}
        found = from_document(OLLAMA_GENERATE, document).parameters
        assert (found.max_tokens, found.stream) == (None, False)


def test_what_is_put_into_a_model_of_ones_own_is_read() -> None:
    document = {
        "model": "mine",
        "from": "llama",
        "system": "Be brief.",
        "messages": [{"role": "user", "content": "Why?"}],
    }

    request = from_document(OLLAMA_CREATE, document)

    assert ("system", "Be brief.") in [(turn.role, turn.text) for turn in request.messages]
    assert request.newest == "Why?"
