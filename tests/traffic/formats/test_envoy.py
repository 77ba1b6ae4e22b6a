"""Envoy AI Gateway's access logs: rates, addresses and tokens, no text."""

from tests.traffic.formats.conftest import Read


def test_a_line_is_read_without_its_text(read: Read) -> None:
    [line] = read(
        "envoy-ai-gateway",
        {
            "start_time": "2026-02-17T00:00:00.000Z",
            "method": "POST",
            "response_code": 429,
            "duration": 8,
            "x-envoy-origin-path": "/v1/messages?beta=1",
            "user-agent": "a",
            "key": "u",
            "x-forwarded-for": "198.51.100.1, 203.0.113.7",
            "genai_model_name": "m",
            "genai_tokens_input": 5,
            "genai_tokens_output": 6,
        },
        fields={"account": "key"},
    )
    assert line["path"] == "/v1/messages"
    assert line["client"]["ip"] == "203.0.113.7"
    assert line["response"]["status"] == 429
    assert line["request"] == {"model": "m", "messages": []}
