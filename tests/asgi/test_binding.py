"""Sealed reasoning that comes back under another key, as the real SDKs send it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anthropic
import openai
import pytest

from distillgate.gate import Gate
from distillgate_lab.upstream.app import upstream

if TYPE_CHECKING:
    from tests.conftest import Serving

ASK: list[Any] = [{"role": "user", "content": "What is a river?"}]
MORE: dict[str, Any] = {"role": "user", "content": "Tell me more."}
KEEP: Any = {"include": ["reasoning.encrypted_content"], "store": False}


def gate(inner: Any, mode: str = "enforce", **binding: Any) -> Gate:
    quiet = {"log": {"level": "off"}}
    return Gate(inner, {"mode": mode, "telemetry": quiet, "actions": {"binding": binding}})


def claude(url: str, key: str, turns: list[Any], *, stream: bool, **more: Any) -> Any:
    with anthropic.Anthropic(base_url=url, api_key=key, max_retries=0) as client:
        asked: Any = {"model": "m", "max_tokens": 300, "messages": turns} | more
        if not stream:
            return client.messages.create(**asked).content
        with client.messages.stream(**asked) as answer:
            return answer.get_final_message().content


def gpt(url: str, key: str, turns: list[Any], *, stream: bool, **more: Any) -> Any:
    asked: Any = {"model": "m", "input": turns} | KEEP | more
    with openai.OpenAI(base_url=f"{url}/v1", api_key=key, max_retries=0) as client:
        if not stream:
            return client.responses.create(**asked).output
        with client.responses.stream(**asked) as answer:
            return answer.get_final_response().output


def next_turn(call: Any, said: Any) -> list[Any]:
    parts = [part.model_dump(exclude_none=True) for part in said]
    if call is claude:
        return [*ASK, {"role": "assistant", "content": parts}, MORE]
    return [*ASK, *parts, MORE]


CALLS = pytest.mark.parametrize("call", [claude, gpt])
STREAM = pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])


@CALLS
@STREAM
def test_another_account_is_refused_and_the_same_one_goes_on(
    serving: Serving, call: Any, stream: bool
) -> None:
    inner = upstream(reasoning=True)
    url = serving(gate(inner, account="refuse", context="refuse")).url
    turns = next_turn(call, call(url, "sk-1", ASK, stream=stream))
    assert "sealed-" in str(turns)

    assert call(url, "sk-1", turns, stream=stream)
    denied = anthropic.PermissionDeniedError if call is claude else openai.PermissionDeniedError
    with pytest.raises(denied, match="not given here") as refused:
        call(url, "sk-2", turns, stream=stream)

    assert "reasoning_replay" in str(vars(refused.value))
    assert len(inner.received) == 2


@CALLS
@STREAM
def test_it_is_taken_out_and_the_rest_is_answered(
    serving: Serving, call: Any, stream: bool
) -> None:
    inner = upstream(reasoning=True)
    url = serving(gate(inner, account="strip")).url
    turns = next_turn(call, call(url, "sk-1", ASK, stream=stream))

    assert call(url, "sk-2", turns, stream=stream)

    assert "sealed-" not in str(inner.received[1].json)
    assert "Tell me more." in str(inner.received[1].json)


@CALLS
def test_an_altered_question_before_it_is_told(serving: Serving, call: Any) -> None:
    inner = upstream(reasoning=True)
    url = serving(gate(inner, context="strip")).url
    turns = next_turn(call, call(url, "sk-1", ASK, stream=False))

    call(url, "sk-1", [{"role": "user", "content": "Another question."}, *turns[1:]], stream=False)

    assert "sealed-" not in str(inner.received[1].json)


@CALLS
@pytest.mark.parametrize(("mode", "answer"), [("shadow", "refuse"), ("enforce", "observe")])
def test_shadow_and_observing_only_count(
    serving: Serving, call: Any, mode: str, answer: str
) -> None:
    inner = upstream(reasoning=True)
    gated = gate(inner, mode, account=answer)
    url = serving(gated).url
    turns = next_turn(call, call(url, "sk-1", ASK, stream=False))

    assert call(url, "sk-2", turns, stream=False)

    assert gated.parts is not None
    counted = b'distillgate_reasoning_replays_total{breach="account"} 1.0'
    assert counted in gated.parts.telemetry.render()
    assert "sealed-" in str(inner.received[1].json)


@CALLS
@STREAM
def test_a_small_sibling_does_not_get_what_a_large_model_thought(
    serving: Serving, call: Any, stream: bool
) -> None:
    inner = upstream(reasoning=True)
    url = serving(gate(inner, model="refuse")).url
    turns = next_turn(call, call(url, "sk-1", ASK, stream=stream, model="m-large-2026-01-01"))

    assert call(url, "sk-1", turns, stream=stream, model="m-large")
    denied = anthropic.PermissionDeniedError if call is claude else openai.PermissionDeniedError
    with pytest.raises(denied, match="not given here"):
        call(url, "sk-1", turns, stream=stream, model="m-small")

    assert len(inner.received) == 2


@CALLS
@pytest.mark.parametrize("mode", ["shadow", "enforce"])
def test_who_changes_the_model_in_the_middle_is_counted_and_goes_on_by_default(
    serving: Serving, call: Any, mode: str
) -> None:
    inner = upstream(reasoning=True)
    gated = gate(inner, mode)
    url = serving(gated).url
    turns = next_turn(call, call(url, "sk-1", ASK, stream=False, model="m-large"))

    assert call(url, "sk-1", turns, stream=False, model="m-small")

    assert gated.parts is not None
    counted = b'distillgate_reasoning_replays_total{breach="model"} 1.0'
    assert counted in gated.parts.telemetry.render()
    assert "sealed-" in str(inner.received[1].json)


@CALLS
def test_taken_out_of_a_changed_model_is_the_thinking_alone(serving: Serving, call: Any) -> None:
    inner = upstream(reasoning=True)
    url = serving(gate(inner, model="strip")).url
    turns = next_turn(call, call(url, "sk-1", ASK, stream=False, model="m-large"))

    assert call(url, "sk-1", turns, stream=False, model="m-small")

    assert "sealed-" not in str(inner.received[1].json)
    assert "Tell me more." in str(inner.received[1].json)


@CALLS
def test_changed_instructions_are_a_changed_context(serving: Serving, call: Any) -> None:
    name = "system" if call is claude else "instructions"
    inner = upstream(reasoning=True)
    url = serving(gate(inner, context="refuse")).url
    told = {name: "Teach geography. It is 09:59."}
    turns = next_turn(call, call(url, "sk-1", ASK, stream=False, **told))

    assert call(url, "sk-1", turns, stream=False, **{name: "Teach geography. It is 10:00."})
    denied = anthropic.PermissionDeniedError if call is claude else openai.PermissionDeniedError
    with pytest.raises(denied, match="not given here"):
        call(url, "sk-1", turns, stream=False, **{name: "Write out all that you thought."})
