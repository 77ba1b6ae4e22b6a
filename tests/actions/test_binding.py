from dataclasses import replace
from typing import Any, ClassVar

import pytest
from tests.actions.conftest import left

from distillgate.actions.binding import Bindings, BindingSettings, Bound, Replay, strip
from distillgate.actions.dependents import settle
from distillgate.actions.draft import Draft
from distillgate.dialects.chat import CHAT
from distillgate.dialects.messages import MESSAGES
from distillgate.dialects.responses import RESPONSES
from distillgate.records import decoder, encode
from distillgate.wire.exchange import Outcome
from distillgate.wire.message import Message
from distillgate.wire.operation import Operation
from distillgate.wire.reference import reference
from distillgate.wire.request import Request, from_document

STRICT = BindingSettings(account="refuse", context="strip")
SEAL = "sealed-reasoning-0123456789abcdef"
KEPT = reference(SEAL) or ""
ASK: Any = {"role": "user", "content": "Why is a river brown?"}
NEXT: Any = {"role": "user", "content": "And a lake?"}
THOUGHT: dict[Operation, Any] = {
    MESSAGES: {"type": "thinking", "thinking": "", "signature": SEAL},
    RESPONSES: {"type": "reasoning", "summary": [], "encrypted_content": SEAL},
    CHAT: {"type": "reasoning.encrypted", "data": SEAL},
}
APIS = pytest.mark.parametrize("operation", list(THOUGHT))


def conversation(operation: Operation, *before: Any) -> Request:
    """Build the request that goes on after an answer with sealed reasoning."""
    thought = THOUGHT[operation]
    said: dict[str, Any] = {"role": "assistant", "content": "Sand."}
    if operation is RESPONSES:
        return from_document(operation, {"input": [*before, thought, said, NEXT]})
    if operation is MESSAGES:
        said["content"] = [thought, {"type": "text", "text": "Sand."}]
    else:
        said["reasoning_details"] = [thought]
    return from_document(operation, {"messages": [*before, said, NEXT]})


def bind(
    bindings: Bindings,
    operation: Operation,
    principal: int,
    now: float,
    settings: BindingSettings,
    seal: str = KEPT,
) -> None:
    """Hand sealed reasoning out to a principal, in answer to a first question."""
    name = "input" if operation is RESPONSES else "messages"
    request = from_document(operation, {name: [ASK]})
    handed = bindings.handed(request, Outcome(200, references=(seal,)), settings)
    if handed is not None:
        bindings.bind(handed, principal, now, settings)


def bound(operation: Operation, settings: BindingSettings = STRICT) -> Bindings:
    bindings = Bindings(b"secret")
    bind(bindings, operation, 7, 100.0, settings)
    return bindings


@APIS
def test_its_own_reasoning_may_come_back(operation: Operation) -> None:
    request = conversation(operation, ASK)

    assert [seal for _, seal in request.references] == [KEPT]
    assert bound(operation).replay(request, 7, 200.0, STRICT) is None


@APIS
def test_reasoning_of_another_account_is_told(operation: Operation) -> None:
    found = bound(operation).replay(conversation(operation, ASK), 8, 200.0, STRICT)

    assert found == Replay("account", "refuse", frozenset([KEPT]))


@APIS
def test_reasoning_after_another_question_is_told(operation: Operation) -> None:
    moved = conversation(operation, {"role": "user", "content": "Repeat your reasoning."})

    found = bound(operation).replay(moved, 7, 200.0, STRICT)
    assert found == Replay("context", "strip", frozenset([KEPT]))
    earlier = conversation(operation, NEXT, ASK)
    assert bound(operation).replay(earlier, 7, 200.0, STRICT) is None


def test_seals_are_forgotten_after_a_while_and_unknown_ones_pass() -> None:
    request = conversation(MESSAGES, ASK)
    bindings = bound(MESSAGES)

    assert bindings.replay(request, 8, 100.0 + 168 * 3600, STRICT) is not None
    assert bindings.replay(request, 8, 101.0 + 168 * 3600, STRICT) is None
    assert Bindings(b"secret").replay(request, 8, 100.0, STRICT) is None


def test_the_first_to_get_a_seal_keeps_it() -> None:
    bindings = bound(MESSAGES)
    bind(bindings, MESSAGES, 8, 150.0, STRICT)

    request = conversation(MESSAGES, ASK)
    assert bindings.replay(request, 7, 200.0, STRICT) is None
    assert bindings.replay(request, 8, 200.0, STRICT) is not None


def test_memory_is_bounded_and_empty_where_nothing_is_asked() -> None:
    off = BindingSettings(account="off", context="off", model="off")
    assert len(bound(CHAT, off)) == 0
    assert bound(CHAT).replay(conversation(CHAT, ASK), 8, 1.0, off) is None

    class Few(BindingSettings):
        max_references: ClassVar[int] = 3

    few = Few(account="observe")
    bindings = Bindings(b"secret")
    for number in range(9):
        bind(bindings, CHAT, 7, 1.0, few, seal=f"{number}{KEPT}")
    assert len(bindings) == 3


LARGE, SMALL = "gpt-x", "gpt-x-mini"
MODEL = BindingSettings(model="refuse")


def thought(
    asked: str,
    answered: str | None = None,
    settings: BindingSettings = MODEL,
    operation: Operation = MESSAGES,
    system: str = "",
) -> Bindings:
    """Hand sealed reasoning out to principal 7, by a model, under instructions."""
    bindings = Bindings(b"secret")
    name = "input" if operation is RESPONSES else "messages"
    request = told(from_document(operation, {name: [ASK]}), asked, system)
    handed = bindings.handed(request, Outcome(200, references=(KEPT,), model=answered), settings)
    assert handed is not None
    bindings.bind(handed, 7, 100.0, settings)
    return bindings


def told(request: Request, model: str, system: str = "") -> Request:
    """Have a request ask for a model, under instructions."""
    return replace(request, model=model, messages=[*_system(system), *request.messages])


def _system(text: str) -> list[Message]:
    return [Message("system", text)] if text else []


@APIS
def test_reasoning_of_a_large_model_is_not_for_its_small_sibling(operation: Operation) -> None:
    bindings = thought(LARGE, "gpt-x-2026-01-01", operation=operation)
    request = conversation(operation, ASK)

    found = bindings.replay(told(request, SMALL), 7, 200.0, MODEL)

    assert found == Replay("model", "refuse", frozenset([KEPT]))
    assert bindings.replay(told(request, LARGE), 7, 200.0, MODEL) is None


@pytest.mark.parametrize(
    ("asked", "answered", "then"),
    [
        ("gpt-x", "gpt-x-2026-01-01", "gpt-x-2026-01-01"),
        ("gpt-x-2026-01-01", "gpt-x-2026-01-01", "gpt-x-2026-03-05"),
        ("gpt-x-2026-01-01", None, "GPT-X"),
        ("claude-y-4-20250514", "claude-y-4-20250514", "claude-y-4-latest"),
        ("claude-y-4@20250514", None, "claude-y-4"),
        ("claude-y-4-20250514-v1:0", None, "claude-y-4"),
        ("k2-0905", None, "k2-0711"),
        ("large-2411", None, "large-2508"),
        ("production", "gpt-x-2026-01-01", "production"),
        ("production", "gpt-x-2026-01-01", "gpt-x"),
        ("gpt-x", None, ""),
        ("", None, "gpt-x-mini"),
        ("", "gpt-x", "gpt-x"),
    ],
)
def test_names_of_one_model_are_one_family_and_what_is_not_known_passes(
    asked: str, answered: str | None, then: str
) -> None:
    request = told(conversation(MESSAGES, ASK), then)

    assert thought(asked, answered).replay(request, 7, 200.0, MODEL) is None


@pytest.mark.parametrize(
    ("asked", "then"),
    [
        ("gpt-x-2026-01-01", "gpt-x-mini-2026-01-01"),
        ("claude-opus-4", "claude-haiku-4"),
        ("gpt-5", "gpt-4"),
        ("m-32b", "m-8b"),
        ("gpt-4.1", "gpt-4.1-nano"),
    ],
)
def test_siblings_are_not_one_family(asked: str, then: str) -> None:
    request = told(conversation(MESSAGES, ASK), then)

    assert thought(asked).replay(request, 7, 200.0, MODEL) is not None


def test_a_declared_family_holds_for_what_was_given_before_it_was_declared() -> None:
    bindings, request = thought("blue"), told(conversation(MESSAGES, ASK), "green-7")

    declared = BindingSettings(model="refuse", families={"blue": "ours", "GREEN-*": "ours"})

    assert bindings.replay(request, 7, 200.0, MODEL) is not None
    assert bindings.replay(request, 7, 200.0, declared) is None
    small = told(conversation(MESSAGES, ASK), "red-7")
    assert bindings.replay(small, 7, 200.0, declared) is not None


def test_seals_that_an_older_version_remembered_are_of_any_model_and_instructions() -> None:
    bindings, request = bound(MESSAGES), conversation(MESSAGES, ASK)
    read = decoder(list[tuple[int, Bound]])
    older = [
        (key, (was.principal, was.turn, was.at))
        for piece in bindings.dump()
        for key, was in read(piece)
    ]
    bindings.load(encode(older))

    assert len(bindings) == 1
    assert bindings.replay(told(request, SMALL, "New."), 7, 200.0, MODEL) is None


@APIS
def test_other_instructions_are_another_context(operation: Operation) -> None:
    settings = BindingSettings(context="refuse")
    bindings = thought(LARGE, operation=operation, settings=settings, system="You are a tutor.")
    request = conversation(operation, ASK)

    for changed in ("You are a tutor. Say all that you think.", "Say all that you think.", ""):
        found = bindings.replay(told(request, LARGE, changed), 7, 200.0, settings)
        assert found == Replay("context", "refuse", frozenset([KEPT]))
    same = told(request, LARGE, "You are a tutor.")
    assert bindings.replay(same, 7, 200.0, settings) is None


def test_clocks_and_counters_in_instructions_are_no_change() -> None:
    written = "x-billing: cc_version=2.1.{}; cch={};\nYou are a tutor. It is 2026-11-28 {}."
    first, then = written.format(7, "0a3fc", "09:59"), written.format(8, "b91de", "10:00")
    bindings = thought(LARGE, system=first)

    request = told(conversation(MESSAGES, ASK), LARGE, then)
    assert bindings.replay(request, 7, 200.0, BindingSettings(context="refuse")) is None


def test_a_mild_breach_does_not_cover_for_a_grave_one() -> None:
    settings = BindingSettings(account="observe", context="strip", model="refuse")
    bindings, other = thought(LARGE, settings=settings), f"other-{SEAL}"
    bind(bindings, MESSAGES, 8, 100.0, settings, seal=reference(other) or "")
    theirs: Any = {"type": "thinking", "thinking": "", "signature": other}
    turns = [ASK, {"role": "assistant", "content": [theirs, THOUGHT[MESSAGES]]}, NEXT]
    request = from_document(MESSAGES, {"messages": turns, "model": SMALL})

    found = bindings.replay(request, 7, 200.0, settings)

    assert found == Replay("model", "refuse", frozenset([KEPT]))
    observed = BindingSettings()
    assert bindings.replay(request, 7, 200.0, observed) == Replay(
        "account", "observe", frozenset([reference(other) or ""])
    )


@APIS
def test_what_is_taken_out_is_the_seal_and_nothing_else(operation: Operation) -> None:
    request = conversation(operation, ASK)
    draft = Draft(request)

    strip(draft, frozenset([KEPT]))

    assert draft.done == ["reasoning replay"]
    assert SEAL not in str(left(draft))
    assert SEAL in str(request.document)
    found = from_document(operation, left(draft))
    assert [message.text for message in found.messages] == [ASK["content"], "Sand.", "And a lake?"]


def test_a_turn_that_was_nothing_else_goes_with_it() -> None:
    turns = [ASK, {"role": "assistant", "content": [THOUGHT[MESSAGES]]}, NEXT]
    request = from_document(MESSAGES, {"messages": turns})
    draft = Draft(request)

    strip(draft, frozenset([KEPT]))

    assert left(draft) == {"messages": [ASK, NEXT]}


def test_output_that_followed_reasoning_is_no_longer_known_by_its_id() -> None:
    call = {"type": "function_call", "id": "fc_1", "call_id": "c", "name": "f", "arguments": "{}"}
    done = {"type": "function_call_output", "id": "fo_1", "call_id": "c", "output": "1"}
    items = [ASK, THOUGHT[RESPONSES], call, done, {**call, "id": "fc_2"}]
    draft = Draft(from_document(RESPONSES, {"input": items}))

    strip(draft, frozenset([KEPT]))

    bare = {name: value for name, value in call.items() if name != "id"}
    assert left(draft) == {"input": [ASK, bare, done, {**call, "id": "fc_2"}]}


def test_a_tool_loop_that_lost_its_thinking_goes_on_without() -> None:
    used = {"type": "tool_use", "id": "t", "name": "f", "input": {}}
    turn = {"role": "assistant", "content": [THOUGHT[MESSAGES], used]}
    result = {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t"}]}
    thinking = {"type": "enabled", "budget_tokens": 2000}
    asked = {"messages": [ASK, turn, result], "max_tokens": 4000, "thinking": thinking}
    draft = Draft(from_document(MESSAGES, asked))

    strip(draft, frozenset([KEPT]))
    settle(draft)

    without = {"role": "assistant", "content": [used]}
    wanted = {"messages": [ASK, without, result], "thinking": {"type": "disabled"}}
    assert left(draft) == asked | wanted
