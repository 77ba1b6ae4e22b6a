import re
from typing import Any

import pytest
from tests.actions.conftest import left

from distillgate.actions.draft import Draft
from distillgate.actions.mark.codebook import PAIRS, key_of
from distillgate.actions.mark.measure import MarkSettings, mark
from distillgate.dialects.chat import CHAT
from distillgate.dialects.completions import COMPLETIONS, EMBEDDINGS
from distillgate.dialects.messages import COUNT_TOKENS, MESSAGES
from distillgate.dialects.responses import RESPONSES
from distillgate.wire.operation import Operation
from distillgate.wire.request import from_document

SECRET, GROUP = b"secret", "g-1"
ALWAYS = MarkSettings(share=1.0)
ASK: list[Any] = [{"role": "user", "content": "Why is a river brown?"}]
TEXT: dict[Operation, dict[str, Any]] = {
    CHAT: {"messages": ASK},
    RESPONSES: {"input": "Why is a river brown?"},
    MESSAGES: {"messages": ASK, "max_tokens": 500},
}


def marked(
    operation: Operation,
    asked: dict[str, Any],
    settings: MarkSettings = ALWAYS,
    group: str | None = GROUP,
) -> Draft:
    request = from_document(operation, asked)
    draft = Draft(request, group=group)
    mark(draft, settings, SECRET)
    assert request.document == asked
    return draft


def line(operation: Operation, draft: Draft) -> str:
    """Read the instructions that are forwarded."""
    return from_document(operation, left(draft)).instructions


@pytest.mark.parametrize("operation", TEXT)
def test_the_line_names_words_of_the_groups_key(operation: Operation) -> None:
    draft = marked(operation, TEXT[operation])

    words = re.findall(r'begins with the words "(.+?)"', line(operation, draft))
    own = [pair[side] for pair, side in zip(PAIRS, key_of(SECRET, GROUP), strict=True)]
    assert len(words) == 1
    assert words[0] in own
    assert draft.done == ["mark"]
    kept = {name: left(draft)[name] for name in TEXT[operation] if name != "messages"}
    assert kept == {name: TEXT[operation][name] for name in kept}


PLACES: list[tuple[Operation, dict[str, Any]]] = [
    (CHAT, {"messages": [{"role": "system", "content": "Be kind."}, *ASK]}),
    (CHAT, {"messages": [{"role": "developer", "content": "Be kind."}, *ASK]}),
    (
        CHAT,
        {"messages": [{"role": "system", "content": [{"type": "text", "text": "Be kind."}]}, *ASK]},
    ),
    (RESPONSES, {"input": "Why?", "instructions": "Be kind."}),
    (MESSAGES, {"messages": ASK, "system": "Be kind."}),
    (
        MESSAGES,
        {"messages": ASK, "system": [{"type": "text", "text": "Be kind.", "cache_control": {}}]},
    ),
]


@pytest.mark.parametrize(("operation", "asked"), PLACES)
def test_it_stands_after_the_clients_own_instructions(
    operation: Operation, asked: dict[str, Any]
) -> None:
    found = line(operation, marked(operation, asked))

    assert re.match(r"Be kind\.\n+If your answer is prose", found)
    turns = left(marked(operation, asked)).get("messages")
    assert turns is None or turns[-1] == ASK[0]
    assert turns is None or len(turns) == len(asked["messages"])


NEVER: list[tuple[Operation, dict[str, Any]]] = [
    (CHAT, {"messages": ASK, "response_format": {"type": "json_object"}}),
    (CHAT, {"messages": ASK, "tools": [{"type": "function"}]}),
    (CHAT, {"messages": ASK, "logprobs": True}),
    (CHAT, {"messages": ASK, "max_tokens": 20}),
    (CHAT, {"messages": [*ASK, {"role": "tool", "content": "12"}]}),
    (CHAT, {"messages": [{"role": "system", "content": "Answer in JSON."}, *ASK]}),
    (CHAT, {"messages": [{"role": "user", "content": "Write a Python function"}]}),
    (CHAT, {"messages": [{"role": "user", "content": "Why? ```x```"}]}),
    (CHAT, {"messages": [{"role": "user", "content": "Reply with only the letter"}]}),
    (CHAT, {"messages": []}),
    (COMPLETIONS, {"prompt": "Why is a river brown?"}),
    (EMBEDDINGS, {"input": "Why is a river brown?"}),
    (RESPONSES, {"input": "Why?", "text": {"format": {"type": "json_schema"}}}),
    (RESPONSES, {"input": "Why?", "instructions": {"odd": 1}}),
    (MESSAGES, {"messages": ASK, "max_tokens": 9, "tools": [{"name": "f"}]}),
    (COUNT_TOKENS, {"messages": ASK}),
]


@pytest.mark.parametrize(("operation", "asked"), NEVER)
def test_what_a_program_may_read_is_never_marked(
    operation: Operation, asked: dict[str, Any]
) -> None:
    draft = marked(operation, asked)

    assert not draft.changed
    assert left(draft) == asked
    assert draft.done == []


def test_without_a_group_nothing_is_marked() -> None:
    assert not marked(CHAT, TEXT[CHAT], group=None).changed


def test_a_share_of_the_questions_is_marked_and_each_always_or_never() -> None:
    def chosen() -> list[bool]:
        asked = ({"messages": [{"role": "user", "content": f"Why {n}?"}]} for n in range(1000))
        return [marked(CHAT, one, MarkSettings()).changed for one in asked]

    found = chosen()
    assert 200 < sum(found) < 300
    assert chosen() == found
    none = marked(CHAT, TEXT[CHAT], MarkSettings(share=0.0))
    assert not none.changed


def test_the_header_is_silent_only_on_demand() -> None:
    silent = marked(CHAT, TEXT[CHAT], MarkSettings(share=1.0, declare=False))

    assert silent.changed
    assert silent.done == []
