"""Cloudflare's logs: of the API, and pushed, whose bodies are encrypted."""

from tests.traffic.formats.conftest import Read


def test_pushed_logs_hold_no_text_that_can_be_read(read: Read) -> None:
    [line] = read(
        "cloudflare",
        {
            "Timestamp": 1771286400000,
            "Endpoint": "chat/completions",
            "Model": "m",
            "StatusCode": 200,
            "Metadata": {"user": 7},
            "Metrics": {"durationMs": 1500},
            "RequestBody": {"type": "encrypted", "data": "AAAA"},
            "ResponseBody": {"type": "encrypted", "data": "AAAA"},
        },
    )
    assert line["ts"] == 1771286400.0
    assert line["account"] == "7"
    assert line["request"] == {"model": "m", "messages": []}
    assert line["response"]["text"] is None
    assert line["response"]["latency"] == 1.5


def test_a_streamed_answer_is_read_from_its_events(read: Read) -> None:
    events = (
        'data: {"choices":[{"delta":{"content":"yes"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
    )
    asked = {"model": "m", "messages": [{"role": "user", "content": "hi"}], "stream": True}
    [line] = read(
        "cloudflare",
        {
            "success": True,
            "result": [
                {
                    "created_at": "2026-02-17T00:00:00Z",
                    "path": "/v1/chat/completions",
                    "status_code": 200,
                    "metadata": {"user": "u"},
                    "request": asked,
                    "response": events,
                }
            ],
        },
    )
    assert line["response"]["text"] == "yes"
    assert line["response"]["finish_reason"] == "stop"
