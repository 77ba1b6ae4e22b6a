"""Bedrock's invocation logs: every operation, out of S3 or of CloudWatch."""

import json

from tests.traffic.formats.conftest import Read

BASE = {
    "schemaType": "ModelInvocationLog",
    "timestamp": "2026-02-17T00:00:00Z",
    "requestId": "r",
    "identity": {"arn": "arn:aws:iam::1:user/u"},
    "modelId": "anthropic.claude-v1",
}


def test_an_invocation_in_the_model_s_own_shape_is_read(read: Read) -> None:
    asked = {
        "anthropic_version": "b",
        "messages": [{"role": "user", "content": "hi"}],
        "max_tokens": 5,
    }
    answer = {
        "type": "message",
        "content": [{"type": "text", "text": "yes"}],
        "stop_reason": "end_turn",
    }
    [line] = read(
        "bedrock",
        {
            **BASE,
            "operation": "InvokeModel",
            "input": {"inputBodyJson": asked, "inputTokenCount": 5},
            "output": {"outputBodyJson": answer, "outputTokenCount": 6},
        },
    )
    assert line["path"] == "/model/anthropic.claude-v1/invoke"
    assert line["account"] == "arn:aws:iam::1:user/u"
    assert line["response"]["text"] == "yes"
    assert line["response"]["usage"] == {"prompt_tokens": 5, "completion_tokens": 6}


def test_a_stream_is_told_as_its_events(read: Read) -> None:
    asked = {"anthropic_version": "b", "messages": [{"role": "user", "content": "hi"}]}
    events = [
        {"type": "content_block_delta", "delta": {"type": "text_delta", "text": t}} for t in "ab"
    ]
    [line] = read(
        "bedrock",
        {
            **BASE,
            "operation": "InvokeModelWithResponseStream",
            "input": {"inputBodyJson": asked},
            "output": {"outputBodyJson": events, "outputTokenCount": 2},
        },
    )
    assert line["response"]["text"] == "ab"


def test_an_event_of_cloudwatch_and_a_throttled_call_are_read(read: Read) -> None:
    row = {
        **BASE,
        "operation": "Converse",
        "errorCode": "ThrottlingException",
        "input": {"inputBodyJson": {"messages": [{"role": "user", "content": [{"text": "hi"}]}]}},
    }
    [line] = read("bedrock", {"events": [{"message": json.dumps(row), "timestamp": 1}]})
    assert line["response"]["status"] == 429
    assert "hi" in str(line["request"])


def test_a_field_of_the_operator_s_names_the_account(read: Read) -> None:
    row = {**BASE, "operation": "Converse", "requestMetadata": {"tenant": "t-1"}}
    [line] = read("bedrock", row, fields={"account": "requestMetadata.tenant"})
    assert line["account"] == "t-1"
