"""Helicone's requests, with bodies and without."""

from tests.traffic.formats.conftest import Read


def test_anthropic_calls_and_streams_are_read_in_their_own_shape(read: Read) -> None:
    row = {
        "request_created_at": "2026-02-17T00:00:00Z",
        "request_user_id": "u",
        "response_status": 200,
        "request_path": "https://api.anthropic.com/v1/messages?beta=1",
        "delay_ms": 1500,
        "request_body": {
            "model": "c",
            "max_tokens": 5,
            "messages": [{"role": "user", "content": "hi"}],
        },
        "response_body": {
            "type": "message",
            "content": [{"type": "text", "text": "yes"}],
            "usage": {"input_tokens": 5, "output_tokens": 6},
            "stop_reason": "end_turn",
        },
    }
    [line] = read("helicone", row)
    assert line["path"] == "/v1/messages"
    assert line["response"]["text"] == "yes"
    assert line["response"]["usage"] == {"prompt_tokens": 5, "completion_tokens": 6}
    assert line["response"]["finish_reason"] == "end_turn"


def test_without_bodies_the_rest_is_known(read: Read) -> None:
    row = {
        "request_created_at": "2026-02-17T00:00:00Z",
        "request_user_id": "u",
        "delay_ms": 1,
        "request_model": "m",
        "response_status": 429,
    }
    [line] = read("helicone", row)
    assert line["request"] == {"model": "m", "messages": []}
    assert line["response"]["status"] == 429
