from typing import Any

import orjson
import pytest

from distillgate.dialects.cohere import COHERE
from distillgate.wire.exchange import Outcome
from distillgate.wire.refusal import Problem, refusal
from distillgate.wire.request import Request, parse
from distillgate.wire.response import Tap


def read(**document: Any) -> Request:
    return parse(COHERE, orjson.dumps({"model": "command", **document}))


def turns(request: Request) -> list[tuple[str, str]]:
    return [(turn.role, turn.text) for turn in request.messages]


def answered(kind: str, *pieces: bytes) -> Outcome:
    tap = Tap(COHERE, status=200, content_type=kind)
    for piece in pieces:
        tap.feed(piece)
    return tap.close()


def test_the_older_form_is_read_with_its_history() -> None:
    history = [
        {"role": "USER", "message": "Hello."},
        {"role": "CHATBOT", "message": "Yes?"},
        {"role": "SYSTEM", "message": "Be kind."},
    ]

    request = read(preamble="Be brief.", chat_history=history, message="Why?", p=0.5)

    assert turns(request) == [
        ("system", "Be brief."),
        ("user", "Hello."),
        ("assistant", "Yes?"),
        ("system", "Be kind."),
        ("user", "Why?"),
    ]
    assert (request.turns, request.parameters.top_p) == (4, 0.5)


def test_the_newer_form_is_read_with_plans_and_calls() -> None:
    call = {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    asked = read(
        messages=[
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": [{"type": "text", "text": "Why?"}]},
            {"role": "assistant", "tool_plan": "I look it up.", "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "1", "content": "So."},
        ],
        max_tokens=9,
        thinking={"type": "enabled", "token_budget": 5},
        response_format={"type": "json_object"},
        tools=[call],
    )

    assert turns(asked) == [
        ("system", "Be brief."),
        ("user", "Why?"),
        ("assistant", "I look it up.\nf({})"),
        ("tool", "So."),
    ]
    given = asked.parameters
    assert (given.max_tokens, given.effort) == (9, "budget")
    assert (given.json_output, given.tools) == (True, 1)


def test_lm_studios_form_is_read() -> None:
    request = read(system_prompt="Be brief.", input=[{"type": "text", "content": "Why?"}])

    assert turns(request) == [("system", "Be brief."), ("user", "Why?")]
    assert read(input="Why?", max_output_tokens=7).parameters.max_tokens == 7


USAGE = {
    "billed_units": {"input_tokens": 3, "output_tokens": 5},
    "tokens": {"input_tokens": 70.0, "output_tokens": 5},
}
CALLS = [{"function": {"name": "f", "arguments": '{"a":1}'}}]


@pytest.mark.parametrize(
    ("document", "text", "chars"),
    [
        ({"text": "So.", "finish_reason": "COMPLETE", "meta": USAGE}, "So.", 3),
        (
            {
                "message": {
                    "role": "assistant",
                    "content": [
                        {"type": "thinking", "thinking": "Hm."},
                        {"type": "text", "text": "So."},
                    ],
                    "tool_plan": "Plan.",
                    "tool_calls": CALLS,
                },
                "finish_reason": "COMPLETE",
                "usage": USAGE,
            },
            "So.",
            18,
        ),
        (
            {
                "text": "",
                "tool_calls": [{"name": "f", "parameters": {"a": 1}}],
                "finish_reason": "COMPLETE",
                "meta": USAGE,
            },
            None,
            7,
        ),
    ],
)
def test_a_whole_answer_is_read(document: object, text: str | None, chars: int) -> None:
    outcome = answered("application/json", orjson.dumps(document))

    assert (outcome.text, outcome.answer_chars) == (text, chars)
    assert (outcome.finish_reason, outcome.prompt_tokens) == ("COMPLETE", 70)
    assert outcome.completion_tokens == 5


def test_lm_studios_answer_is_read() -> None:
    output = [{"type": "reasoning", "content": "Hm."}, {"type": "message", "content": "So."}]
    stats = {"input_tokens": 7, "total_output_tokens": 9, "reasoning_output_tokens": 4}
    whole = {"output": output, "stats": stats}
    events = [
        {"type": "reasoning.delta", "content": "Hm."},
        {"type": "message.delta", "content": "So."},
        {"type": "chat.end", "result": whole},
    ]

    for outcome in (
        answered("application/json", orjson.dumps(whole)),
        answered("text/event-stream", *(b"data: %b\n\n" % orjson.dumps(one) for one in events)),
    ):
        assert (outcome.text, outcome.answer_chars) == ("So.", 6)
        assert (outcome.prompt_tokens, outcome.completion_tokens) == (7, 9)


def test_a_stream_of_the_newer_form_is_read() -> None:
    def delta(kind: str, **message: Any) -> dict[str, Any]:
        return {"type": kind, "index": 0, "delta": {"message": message}}

    events = [
        delta("message-start", role="assistant", content=[], tool_plan="", tool_calls=[]),
        delta("content-start", content={"type": "text", "text": ""}),
        delta("content-delta", content={"thinking": "Hm."}),
        delta("content-delta", content={"text": "So"}),
        delta("content-delta", content={"text": "."}),
        delta("tool-plan-delta", tool_plan="Plan."),
        delta("tool-call-start", tool_calls=CALLS[0]),
        delta("tool-call-delta", tool_calls={"function": {"arguments": "!"}}),
        {"type": "message-end", "delta": {"finish_reason": "TOOL_CALL", "usage": USAGE}},
    ]

    outcome = answered(
        "text/event-stream",
        *(b"event: %b\ndata: %b\n\n" % (e["type"].encode(), orjson.dumps(e)) for e in events),
    )

    assert (outcome.text, outcome.answer_chars, outcome.answer_deltas) == ("So.", 19, 6)
    assert (outcome.prompt_tokens, outcome.completion_tokens) == (70, 5)
    assert outcome.finish_reason == "TOOL_CALL"


def test_a_stream_of_the_older_form_is_read_and_its_end_repeats_nothing() -> None:
    whole = {"text": "So.", "finish_reason": "COMPLETE", "meta": USAGE}
    events = [
        {"event_type": "text-generation", "text": "So."},
        {"event_type": "stream-end", "finish_reason": "COMPLETE", "response": whole},
    ]

    outcome = answered("application/stream+json", *(orjson.dumps(e) + b"\n" for e in events))

    assert (outcome.text, outcome.answer_chars) == ("So.", 3)
    assert (outcome.prompt_tokens, outcome.completion_tokens) == (70, 5)
    assert outcome.finish_reason == "COMPLETE"


def test_a_refusal_is_in_coheres_form() -> None:
    problem = Problem(429, "rate_limit_exceeded", "Slow down.", 2.0)

    assert orjson.loads(refusal(COHERE.errors, problem, "r-1").body) == {
        "id": "r-1",
        "message": "Slow down. Reference: r-1.",
        "code": "rate_limit_exceeded",
    }
