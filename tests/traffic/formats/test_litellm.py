"""LiteLLM's spend logs, with prompts and without; failures keep their status."""

from tests.traffic.formats.conftest import Read

BASE = {
    "request_id": "r",
    "call_type": "acompletion",
    "api_key": "hash",
    "startTime": "2026-02-17T00:00:00Z",
    "endTime": "2026-02-17T00:00:01Z",
    "model": "openai/m",
    "model_group": "m",
    "prompt_tokens": 5,
    "completion_tokens": 6,
    "team_id": "t",
    "requester_ip_address": "203.0.113.7",
}


def test_without_prompts_only_the_text_is_not_known(read: Read) -> None:
    [line] = read("litellm", {**BASE, "messages": {}, "response": {}, "proxy_server_request": {}})
    assert line["request"] == {"model": "m", "messages": []}
    assert (line["account"], line["org"], line["client"]["ip"]) == ("hash", "t", "203.0.113.7")
    assert line["response"]["text"] is None
    assert line["response"]["latency"] == 1.0


def test_a_failure_keeps_its_status(read: Read) -> None:
    failed = {"status": "failure", "metadata": {"error_information": {"error_code": "429"}}}
    [line] = read("litellm", {**BASE, **failed})
    assert line["response"]["status"] == 429


def test_embeddings_are_embeddings_and_pages_are_read(read: Read) -> None:
    one = {
        **BASE,
        "call_type": "aembedding",
        "proxy_server_request": {"input": ["a"], "model": "e"},
    }
    [line] = read("litellm", {"data": [one], "total": 1})
    assert line["path"] == "/v1/embeddings"
    assert line["request"]["input"] == ["a"]
