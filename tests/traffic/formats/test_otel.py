"""Spans by the conventions and by those before them; a trace names who asked."""

import json
from typing import Any

from tests.traffic.formats.conftest import Read


def pairs(**told: Any) -> list[dict[str, Any]]:
    def value(told: Any) -> dict[str, str]:
        return {"stringValue" if isinstance(told, str) else "intValue": str(told)}

    return [{"key": k.replace("_X_", "."), "value": value(v)} for k, v in told.items()]


def span(name: str, parent: str = "", **told: Any) -> dict[str, Any]:
    return {
        "traceId": "t",
        "spanId": name,
        "parentSpanId": parent,
        "attributes": pairs(**told),
        "startTimeUnixNano": "1771286400000000000",
        "endTimeUnixNano": "1771286402000000000",
    }


def document(*spans: Any) -> dict[str, Any]:
    return {"resourceSpans": [{"scopeSpans": [{"spans": list(spans)}]}]}


def test_who_asked_is_told_by_a_span_around_and_the_outermost_call_counts(read: Read) -> None:
    chat = {"gen_ai_X_operation_X_name": "chat", "gen_ai_X_request_X_model": "m"}
    [line] = read(
        "otel",
        document(
            span("server", user_X_id="u", client_X_address="203.0.113.7"),
            span("outer", "server", **chat, gen_ai_X_usage_X_input_tokens=5),
            span("inner", "outer", **chat),
        ),
    )
    assert line["account"] == "u"
    assert line["client"]["ip"] == "203.0.113.7"
    assert line["id"] == "outer"
    assert line["response"]["latency"] == 2.0


def test_the_names_of_openllmetry_are_read(read: Read) -> None:
    [line] = read(
        "otel",
        document(
            span(
                "s",
                gen_ai_X_request_X_model="m",
                llm_X_request_X_type="chat",
                enduser_X_id="u",
                **{  # type: ignore[arg-type]  # among which is no `parent`
                    "gen_ai.prompt.0.role": "user",
                    "gen_ai.prompt.0.content": "hi",
                    "gen_ai.completion.0.content": "yes",
                    "gen_ai.usage.completion_tokens": 6,
                },
            )
        ),
    )
    assert line["request"]["messages"] == [{"role": "user", "content": "hi"}]
    assert line["response"]["text"] == "yes"
    assert line["response"]["usage"]["completion_tokens"] == 6


def test_tools_come_as_a_chat_tells_them(read: Read) -> None:
    turns = [
        {
            "role": "assistant",
            "parts": [{"type": "tool_call", "id": "1", "name": "f", "arguments": {"a": 1}}],
        },
        {"role": "tool", "parts": [{"type": "tool_call_response", "id": "1", "response": "ok"}]},
    ]
    [line] = read(
        "otel",
        document(
            span(
                "s",
                gen_ai_X_operation_X_name="chat",
                user_X_id="u",
                **{"gen_ai.input.messages": json.dumps(turns)},
            )
        ),
    )
    called, given = line["request"]["messages"]
    assert called["tool_calls"][0]["function"] == {"name": "f", "arguments": '{"a":1}'}
    assert given == {"role": "tool", "tool_call_id": "1", "content": "ok"}


def test_events_of_a_span_and_logs_that_name_it_are_read(read: Read) -> None:
    one = span("s", gen_ai_X_operation_X_name="chat", user_X_id="u")
    one["events"] = [{"name": "gen_ai.user.message", "attributes": pairs(content="hi")}]
    said = {"kvlistValue": {"values": pairs(content="yes")}}
    log = {
        "traceId": "t",
        "spanId": "s",
        "eventName": "gen_ai.choice",
        "body": {"kvlistValue": {"values": [{"key": "message", "value": said}]}},
    }
    [line] = read("otel", document(one), {"resourceLogs": [{"scopeLogs": [{"logRecords": [log]}]}]})
    assert line["request"]["messages"] == [{"role": "user", "content": "hi"}]
    assert line["response"]["text"] == "yes"
