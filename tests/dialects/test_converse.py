from typing import Any

import orjson
import pytest

from distillgate.dialects.converse import CONVERSE
from distillgate.dialects.invocations import INVOKE
from distillgate.fingerprint.payloads import unread
from distillgate.wire.answer import Answer
from distillgate.wire.operation import Operation
from distillgate.wire.refusal import Problem, refusal
from distillgate.wire.request import Request, from_document


def read(**document: Any) -> Request:
    return from_document(CONVERSE, document)


def said(request: Request) -> list[tuple[str, str]]:
    return [(message.role, message.text) for message in request.messages]


def test_instructions_turns_calls_results_and_documents_are_read() -> None:
    used = {"toolUse": {"toolUseId": "t", "name": "f", "input": {"x": 1}}}
    result = {"toolResult": {"toolUseId": "t", "content": [{"json": {"y": 2}}, {"text": "z"}]}}
    kept = {"document": {"name": "d", "format": "txt", "source": {"text": "page"}}}
    request = read(
        system=[{"text": "rules"}, {"guardContent": {"text": {"text": "guarded"}}}],
        messages=[
            {"role": "user", "content": [{"text": "a"}, {"image": {"format": "png"}}, kept]},
            {"role": "assistant", "content": [used]},
            {"role": "user", "content": [result]},
        ],
    )

    assert said(request) == [
        ("system", "rules\nguarded"),
        ("user", "a\npage"),
        ("assistant", 'f({"x":1})'),
        ("user", '{"y":2}\nz'),
    ]


def test_a_kept_prompts_variables_are_what_is_asked() -> None:
    assert read(promptVariables={"task": {"text": "do it"}}).newest == "do it"


def test_limits_tools_and_efforts_are_read() -> None:
    request = read(
        messages=[{"role": "user", "content": [{"text": "x"}]}],
        inferenceConfig={"maxTokens": 9, "temperature": 0.5, "topP": 0.25},
        toolConfig={"tools": [{"toolSpec": {"name": "f", "description": "told"}}]},
        additionalModelRequestFields={"thinking": {"type": "enabled", "budget_tokens": 99}},
    )

    found = request.parameters
    assert (found.max_tokens, found.temperature, found.top_p) == (9, 0.5, 0.25)
    assert (found.tools, found.effort) == (1, "budget")
    assert request.tools == [{"name": "f", "description": "told"}]


def test_the_text_and_the_reasoning_of_an_answer_are_known() -> None:
    answer = Answer()
    thought = {"reasoningContent": {"reasoningText": {"text": "hm", "signature": "s"}}}
    content = [thought, {"text": "yes"}, {"toolUse": {"name": "f", "input": {"x": 1}}}]
    CONVERSE.answers.whole(
        answer, {"output": {"message": {"content": content}}, "stopReason": "tool_use"}
    )

    assert (answer.text, answer.finish_reason) == ("yes", "tool_use")


def test_a_refusal_is_told_in_amazons_shape() -> None:
    told = CONVERSE.errors.document(Problem(429, "budget", "Slow down."), "r-1")

    assert orjson.loads(orjson.dumps(told)) == {
        "__type": "ThrottlingException", "message": "Slow down.", "code": "budget",
    }  # fmt: skip


@pytest.mark.parametrize("operation", [CONVERSE, INVOKE])
@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (429, b"ThrottlingException"),
        (403, b"AccessDeniedException"),
        (502, b"InternalServerException"),
    ],
)
def test_amazons_sdks_raise_by_a_header_before_a_code(
    operation: Operation, status: int, kind: bytes
) -> None:
    told = refusal(operation.errors, Problem(status, "budget", "Slow down."), "r-1")

    assert (b"x-amzn-errortype", kind) in told.headers


def test_the_ids_and_arguments_of_calls_are_no_payloads_but_pictures_are() -> None:
    used = {"toolUse": {"toolUseId": "t-1", "name": "f", "input": {"x": "y"}}}
    result = {"toolResult": {"toolUseId": "t-1", "status": "success", "content": [{"text": "z"}]}}
    picture = {"image": {"format": "png", "source": {"bytes": "aGk="}}}
    turns = [
        {"role": "assistant", "content": [used]}, {"role": "user", "content": [result, picture]},
    ]  # fmt: skip

    assert unread(read(messages=turns))[1] == ["aGk="]
