"""Azure's logs: pieces of a conversation, the gateway's line, and Azure OpenAI's own."""

import json

from tests.traffic.formats.conftest import Read


def test_rows_of_log_analytics_are_put_together_in_order(read: Read) -> None:
    row = {"TimeGenerated": "2026-02-17T00:00:00.1234567Z", "CorrelationId": "c"}
    [line] = read(
        "azure",
        {
            **row,
            "SequenceNumber": 1,
            "RequestMessages": [{"role": "user", "content": "lo"}],
            "ResponseMessages": [{"role": "assistant", "content": "yes"}],
        },
        {
            **row,
            "SequenceNumber": 0,
            "RequestMessages": [{"role": "user", "content": "hel"}],
            "ModelName": "m",
            "PromptTokens": 5,
            "CompletionTokens": 6,
        },
        {
            **row,
            "ApimSubscriptionId": "s",
            "CallerIpAddress": "203.0.113.7",
            "ResponseCode": 200,
            "Url": "https://x/openai/deployments/m/chat/completions?api-version=1",
            "TotalTime": 1500,
        },
    )
    assert line["request"]["messages"] == [{"role": "user", "content": "hello"}]
    assert line["response"]["text"] == "yes"
    assert line["response"]["latency"] == 1.5
    assert (line["account"], line["client"]["ip"]) == ("s", "203.0.113.7")


def test_azure_openai_s_own_hold_no_text_and_no_whole_address(read: Read) -> None:
    [line] = read(
        "azure",
        {
            "records": [
                {
                    "time": "2026-02-17T00:00:05Z",
                    "category": "RequestResponse",
                    "correlationId": "c",
                    "operationName": "ChatCompletions_Create",
                    "durationMs": 1500,
                    "callerIpAddress": "10.0.0.***",
                    "resultSignature": "200",
                    "properties": json.dumps(
                        {
                            "objectId": "o",
                            "modelName": "m",
                            "streamType": "Streaming",
                            "modelDeploymentName": "d",
                            "requestTime": 639068832000000000,
                        }
                    ),
                }
            ]
        },
    )
    assert line["client"]["ip"] is None
    assert (line["account"], line["request"]["model"]) == ("o", "d")
    assert line["response"]["status"] == 200


def test_what_is_no_call_of_a_model_is_left_out(read: Read) -> None:
    assert (
        read("azure", {"time": "2026-02-17T00:00:00Z", "category": "Audit", "correlationId": "c"})
        == []
    )
