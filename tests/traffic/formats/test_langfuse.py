"""Langfuse's observations: enriched, beside their traces, or of its API."""

from tests.traffic.formats.conftest import Read


def test_enriched_observations_name_their_user(read: Read) -> None:
    row = {
        "id": "o",
        "trace_id": "t",
        "type": "GENERATION",
        "start_time": "2026-02-17 00:00:00.000000",
        "end_time": "2026-02-17 00:00:02.000000",
        "provided_model_name": "m",
        "input": "hi",
        "output": "yes",
        "usage_details": {"input": 5, "output": 6},
        "user_id": "u",
        "level": "ERROR",
    }
    [line] = read("langfuse", row, {**row, "id": "s", "type": "SPAN"})
    assert line["account"] == "u"
    assert line["response"]["status"] == 500
    assert line["request"]["messages"] == [{"role": "user", "content": "hi"}]


def test_the_words_of_the_api_are_read(read: Read) -> None:
    row = {
        "id": "o",
        "traceId": "t",
        "type": "GENERATION",
        "startTime": "2026-02-17T00:00:00.000Z",
        "endTime": "2026-02-17T00:00:02.000Z",
        "model": "m",
        "input": {"messages": [{"role": "user", "content": "hi"}], "tools": []},
        "output": {"role": "assistant", "content": "yes"},
        "usage": {"input": 5, "output": 6},
        "modelParameters": {"temperature": 0.5},
    }
    [line] = read("langfuse", {"data": [row]}, {"data": [{"id": "t", "userId": "u"}]})
    assert line["account"] == "u"
    assert line["request"]["temperature"] == 0.5
    assert line["response"]["text"] == "yes"
    assert line["response"]["usage"] == {"prompt_tokens": 5, "completion_tokens": 6}
