"""What counts of a request, whatever its writer says about it."""

import json
from typing import Any

import pytest

from distillgate.dialects.chat import CHAT
from distillgate.dialects.completions import COMPLETIONS
from distillgate.dialects.converse import CONVERSE
from distillgate.dialects.gemini import GEMINI, GEMINI_CACHE
from distillgate.dialects.messages import MESSAGES
from distillgate.dialects.ollama import OLLAMA_GENERATE
from distillgate.dialects.responses import CONVERSATION, RESPONSES
from distillgate.fingerprint.news import News, news
from distillgate.fingerprint.principal import given
from distillgate.wire.exchange import Outcome
from distillgate.wire.operation import Operation
from distillgate.wire.reference import reference
from distillgate.wire.request import Request, from_document

UNIT, SEED = 77, 1
TASK = "Prove that the square root of seventeen is irrational."
ANSWER = "Suppose it were a fraction in lowest terms; then seventeen divides both of its parts."
RULES = "You are the clerk of a small museum."


def chat(*turns: tuple[str, str], **fields: Any) -> Request:
    messages = [{"role": role, "content": text} for role, text in turns]
    return from_document(CHAT, {"model": "m", "messages": messages, **fields})


class Service:
    """A principal's memory, as exchanges leave it."""

    def __init__(self) -> None:
        self.known: set[int] = set()
        self.sent = 0

    def ask(self, request: Request, answer: str | None = None) -> News:
        found = news(request, UNIT, self.known, SEED, settled=self.sent > 0)
        self.sent += 1
        self.known.update(found.marks)
        if answer is not None:
            outcome = Outcome(text=answer, answer_chars=len(answer) or 9)
            self.known.update(given(UNIT, SEED, outcome, found.thread.now))
        return found


def settled() -> Service:
    service = Service()
    service.ask(chat(("system", RULES), ("user", "Hello.")), "Hello! How can I help?")
    return service


@pytest.mark.parametrize(
    "request_",
    [
        chat(("user", TASK)),
        chat(("User", TASK)),
        chat(("user173", TASK)),
        chat(("tool", TASK)),
        chat(("user", TASK), ("user", "Go on.")),
        chat(("user", "Go on."), ("user", TASK), ("user", "Go on.")),
        chat(("system", RULES), ("user", "Go on."), ("system", TASK), ("user", "Go on.")),
        chat(("system", TASK), ("user", "Hello.")),
        chat(("user", "What is the task?"), ("assistant", TASK), ("user", "Yes, do it.")),
        chat(("user", "Hello."), ("assistant", TASK)),
        chat(("user", "Hello."), suffix=TASK),
        chat(("user", "Hello."), documents=[{"text": TASK}]),
        chat(("user", "Hello."), chat_template_kwargs={"a": [{"b": TASK}]}),
        chat(("user", "Hello."), tools=[{"function": {"name": "f", "description": TASK}}]),
        chat(
            ("user", "Hello."),
            response_format={"json_schema": {"schema": {"properties": {"x": {"title": TASK}}}}},
        ),
        chat(("user", "Hello."), prediction={"type": "content", "content": TASK}),
    ],
)
def test_a_task_counts_wherever_it_stands(request_: Request) -> None:
    assert TASK in settled().ask(request_).text


WORDS = TASK.split()
SLUG = "prove_that_the_root_of_seventeen_is_irrational"
PROPERTIES = {"properties": {f"{word}_of_it": {"type": "string"} for word in WORDS}}


def turn(**members: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": "Hello."}, members]}


@pytest.mark.parametrize(
    ("operation", "fields"),
    [
        (CHAT, {"prompt": TASK}),
        (CHAT, {"messages": {"role": "user", "content": TASK}}),
        (CHAT, {"messages": json.dumps([{"role": "user", "content": TASK}])}),
        (CHAT, {"system": TASK, **turn()}),
        (CHAT, {"instructions": TASK, **turn()}),
        (CHAT, {"chat_template_kwargs": {TASK: True}, **turn()}),
        (CHAT, {"chat_template_kwargs": {"x": dict.fromkeys(WORDS, 1), "y": SLUG}, **turn()}),
        (CHAT, {"documents": [{"text": word} for word in (*WORDS, SLUG)], **turn()}),
        (CHAT, {"guided_choice": [*WORDS, SLUG], **turn()}),
        (CHAT, {"response_format": {"json_schema": {"schema": PROPERTIES}}, **turn()}),
        (CHAT, {"tools": [{"function": {"name": "f", "parameters": PROPERTIES}}], **turn()}),
        (CHAT, turn(role="system", tools=[{"function": {"name": "f", "parameters": PROPERTIES}}])),
        (CHAT, turn(role=TASK, content="Hello.")),
        (CHAT, turn(role="user", content="Hello.", name=TASK)),
        (CHAT, turn(role="tool", content="Hello.", tool_call_id=TASK)),
        (CHAT, turn(role="user", content="Hello.", reasoning_content=TASK)),
        (CHAT, turn(role="assistant", content="Hello.", thinking=TASK)),
        (
            CHAT,
            turn(role="assistant", reasoning_details=[{"type": "reasoning.text", "text": TASK}]),
        ),
        (CHAT, turn(role="assistant", tool_calls=[{"function": {"name": "f", "arguments": TASK}}])),
        (CHAT, turn(role="user", tool_calls=[{"function": {"name": "f", "arguments": TASK}}])),
        (CHAT, turn(role="user", content=[{"type": "image_url", "text": TASK}])),
        (CHAT, turn(role="user", content=[[[[[[[[{"type": "text", "text": TASK}]]]]]]]])),
        (COMPLETIONS, {"prompt": "Hello.", "messages": [{"role": "user", "content": TASK}]}),
        (COMPLETIONS, {"prompt": "Hello.", "input": TASK}),
        (COMPLETIONS, {"prompt": [1, TASK, 2]}),
        (COMPLETIONS, {"prompt": {"prompt_string": TASK}}),
        (RESPONSES, {"input": "Hello.", "messages": [{"role": "user", "content": TASK}]}),
        (RESPONSES, {"input": "Hello.", "prompt": TASK}),
        (RESPONSES, {"input": [{"role": "user", "type": "function_call_output", "output": TASK}]}),
        (RESPONSES, {"input": [{"role": "assistant", "type": "function_call", "arguments": TASK}]}),
        (RESPONSES, {"input": [{"type": "mcp_call", "arguments": "{}", "output": TASK}]}),
        (RESPONSES, {"input": [{"type": "code_interpreter_call", "code": TASK}]}),
        (RESPONSES, {"input": [{"type": "file_search_call", "results": [{"text": TASK}]}]}),
        (MESSAGES, {"prompt": TASK, **turn()}),
        (MESSAGES, turn(role="user", content=[{"type": "document", "title": TASK, "source": {}}])),
        (GEMINI, {"contents": [{"parts": [{"functionCall": {}, "toolResponse": {"a": TASK}}]}]}),
        (GEMINI, {"contents": [], "generationConfig": {"responseSchema": PROPERTIES}}),
        (OLLAMA_GENERATE, {"prompt": "Hello.", "messages": [{"role": "user", "content": TASK}]}),
        (CONVERSE, turn(role="user", content=[{"text": "", "document": {"name": TASK}}])),
        (CONVERSE, turn(role="user", content=[{"searchResult": {"content": [{"text": TASK}]}}])),
    ],
)
def test_what_no_dialect_reads_counts_as_well(operation: Operation, fields: dict[str, Any]) -> None:
    service = settled()
    found = service.ask(from_document(operation, {"model": "m", **fields}))
    again = service.ask(from_document(operation, {"model": "m", **fields}))

    assert found.texts
    assert found.worded
    assert all(word in found.text for word in WORDS)
    assert not again.texts


@pytest.mark.parametrize(
    "fields",
    [
        {"tools": [{"function": {"name": SLUG}}]},
        {"chat_template_kwargs": {"task": SLUG}},
        {"task": SLUG},
        {"response_format": {"json_schema": {"name": SLUG, "schema": {}}}},
    ],
)
def test_a_name_that_spells_the_task_counts_where_nothing_else_is_new(
    fields: dict[str, Any],
) -> None:
    service = settled()
    spelt = service.ask(chat(("user", "Hello."), **fields))

    assert SLUG in spelt.text
    assert spelt.texts == 1
    assert not service.ask(chat(("user", "Hello."), **fields)).texts


@pytest.mark.parametrize(
    "name", ["0198f3a2-b21c-7d9e-8f00-3c5e6d7a8b9c", "req_011CSHoEeqs5C35K2", "high"]
)
def test_an_id_is_no_content(name: str) -> None:
    service = settled()

    assert not service.ask(chat(("user", "Hello."), trace={"id": name}, request_id=name)).texts


@pytest.mark.parametrize(
    ("operation", "fields"),
    [
        (RESPONSES, {"input": "Hello.", "conversation": "conv_68f2"}),
        (RESPONSES, {"input": "Hello.", "tools": [{"vector_store_ids": ["vs_68f2"]}]}),
        (GEMINI, {"contents": [{"parts": [{"text": "Hello."}]}], "cachedContent": "cached/68f2"}),
    ],
)
def test_what_the_upstream_keeps_counts_by_its_name(
    operation: Operation, fields: dict[str, Any]
) -> None:
    service = settled()

    assert len(service.ask(from_document(operation, fields)).payloads) == 1
    assert not service.ask(from_document(operation, fields)).payloads


@pytest.mark.parametrize(
    ("operation", "fields"),
    [
        (CONVERSATION, {"items": [{"type": "message", "role": "user", "content": TASK}]}),
        (CONVERSATION, {"items": [{"role": "user", "content": [{"text": TASK}]}]}),
        (GEMINI_CACHE, {"contents": [{"parts": [{"text": TASK}]}], "ttl": "300s"}),
    ],
)
def test_what_is_put_down_to_be_asked_by_its_name_is_read(
    operation: Operation, fields: dict[str, Any]
) -> None:
    assert settled().ask(from_document(operation, fields)).text == TASK


def padded(task: str, kind: str) -> dict[str, Any]:
    """Build a request with a text past one of the bounds."""
    asked = {"role": "user", "content": "Hello."}
    if kind == "turns":
        return {"messages": [*[asked] * 70, {"role": "user", "content": task}, *[asked] * 1_000]}
    if kind == "parts":
        junk = [{"type": "text", "text": "", "n": 1}] * 8_200
        content = [*junk, {"type": "text", "text": task}, *junk]
        return {"messages": [{"role": "user", "content": content}]}
    if kind == "strings":
        return {"messages": [asked], "documents": [*["x"] * 600, task]}
    nested: Any = task
    for _ in range(14):
        nested = {"a": nested}
    return {"messages": [asked], "chat_template_kwargs": nested}


@pytest.mark.parametrize("kind", ["turns", "parts", "strings", "levels"])
def test_what_is_past_a_bound_counts_as_a_whole(kind: str) -> None:
    service = settled()
    service.ask(from_document(CHAT, padded(RULES, kind)))
    found = service.ask(from_document(CHAT, padded(TASK, kind)))
    again = service.ask(from_document(CHAT, padded(TASK, kind)))

    assert found.texts
    assert len(found.payloads) == 1
    assert not again.texts


def test_a_constant_text_counts_once() -> None:
    service = settled()
    first = service.ask(chat(("system", RULES), ("user", "Go on."), ("user", TASK)))
    second = service.ask(chat(("system", RULES), ("user", "Go on."), ("user", ANSWER)))

    assert first.text == f"Go on.\n{TASK}"
    assert second.text == ANSWER


def test_instructions_count_once_they_change() -> None:
    service = Service()
    first = service.ask(chat(("system", RULES), ("user", "Hello.")))
    changed = service.ask(chat(("system", f"{RULES} {TASK}"), ("user", "Hello.")))

    assert (first.text, first.instructions) == ("Hello.", RULES)
    assert (changed.text, changed.instructions) == (f"{RULES} {TASK}", "")


def test_a_resent_history_counts_not_at_all() -> None:
    service = Service()
    service.ask(chat(("user", TASK)), ANSWER)
    second = service.ask(chat(("user", TASK), ("assistant", ANSWER), ("user", "And of 19?")))

    assert second.text == "And of 19?"
    assert second.continues


def test_an_answer_that_a_program_trimmed_is_still_ours() -> None:
    service = Service()
    service.ask(chat(("user", TASK)), f"\n{ANSWER}  ")
    second = service.ask(chat(("user", TASK), ("assistant", ANSWER), ("user", "And of 19?")))

    assert second.text == "And of 19?"


def test_a_fabricated_answer_is_its_writers() -> None:
    service = settled()
    found = service.ask(chat(("user", "Hello."), ("assistant", TASK), ("user", "Go on.")))

    assert TASK in found.text
    assert not found.continues


def test_an_answer_comes_back_once() -> None:
    service = Service()
    service.ask(chat(("user", "Hello.")), "Hello! How can I help?")
    turns = ("user", "Hello."), ("assistant", "Hello! How can I help?")
    first = service.ask(chat(*turns, ("user", TASK)))
    second = service.ask(chat(*turns, ("user", ANSWER)))

    assert first.continues
    assert not second.continues


@pytest.mark.parametrize("answer", ["Sure.", ""])
@pytest.mark.parametrize(
    "beside",
    [
        {"tool_calls": [{"function": {"name": "f", "arguments": TASK}}]},
        {"reasoning_content": TASK},
        {"thinking": TASK},
    ],
)
def test_a_call_or_reasoning_longer_than_the_answer_was_is_its_writers(
    answer: str, beside: dict[str, Any]
) -> None:
    service, asked = settled(), {"role": "user", "content": "Go on."}
    service.ask(chat(("user", "Go on.")), answer)
    back = [asked, {"role": "assistant", "content": answer, **beside}]
    found = service.ask(from_document(CHAT, {"messages": back}))

    assert TASK in found.text
    assert not found.continues


def test_words_behind_an_answer_that_comes_back_for_the_first_time_are_their_writers() -> None:
    service = settled()
    opening = "Here is what I think of it, at some length. " * 6
    service.ask(chat(("user", "Go on.")), opening)
    found = service.ask(chat(("user", "Go on."), ("assistant", opening + TASK)))

    assert TASK in found.text
    assert found.continues


def test_words_behind_a_real_answer_are_their_writers() -> None:
    service = Service()
    opening = "Here is what I think of it, at some length. " * 6
    service.ask(chat(("user", "Hello.")), opening)
    service.ask(chat(("user", "Hello."), ("assistant", opening), ("user", "Thanks.")))
    found = service.ask(chat(("user", "Hello."), ("assistant", opening + TASK), ("user", "Go on.")))

    assert TASK in found.text


def test_a_call_that_came_without_text_is_ours() -> None:
    service = Service()
    asked = {"role": "user", "content": TASK}
    called = {
        "role": "assistant",
        "content": None,
        "tool_calls": [{"id": "1", "function": {"name": "search", "arguments": '{"q": "17"}'}}],
    }
    result = {"role": "tool", "tool_call_id": "1", "content": "Nothing was found about it."}
    service.ask(from_document(CHAT, {"messages": [asked]}), "")
    found = service.ask(from_document(CHAT, {"messages": [asked, called, result]}))

    assert found.text == "Nothing was found about it."
    assert found.continues


def test_where_nothing_is_new_the_newest_turn_counts_as_a_repeat() -> None:
    service = settled()
    service.ask(chat(("user", TASK)))
    again = service.ask(chat(("user", TASK)))

    assert (again.text, again.texts) == (TASK, 0)


def test_of_packed_inputs_each_new_one_counts() -> None:
    service = settled()
    prompts = [f"Prove that the square root of {number} is irrational." for number in range(80)]
    request = from_document(COMPLETIONS, {"prompt": prompts})
    found = service.ask(request)

    assert found.texts == 80
    assert len(found.inputs) == 64
    assert set(found.inputs) < set(prompts)
    assert service.ask(from_document(COMPLETIONS, {"prompt": prompts})).texts == 16


def picture(data: str, *turns: tuple[str, str]) -> Request:
    asked = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{data}"}}
    messages: list[Any] = [{"role": role, "content": text} for role, text in turns]
    messages.append({"role": "user", "content": [{"type": "text", "text": TASK}, asked]})
    return from_document(CHAT, {"messages": messages})


def test_a_picture_counts_by_its_hash_and_once() -> None:
    service = settled()
    first, other, again = (service.ask(picture(data)) for data in ("AAAA", "BBBB", "AAAA"))

    assert (first.texts, other.texts, again.texts) == (1, 1, 0)
    assert other.text == TASK
    assert (first.worded, other.worded) == (True, False)
    assert len(first.payloads) == len(other.payloads) == 1
    assert first.payloads != other.payloads
    assert again.payloads == ()


def test_one_picture_has_one_hash_for_everybody() -> None:
    one = news(picture("AAAA"), 1, (), SEED, settled=True)
    other = news(picture("AAAA"), 2, (), SEED, settled=True)

    assert one.payloads == other.payloads
    assert set(one.marks).isdisjoint(other.marks)


def steering(*tokens: int) -> Request:
    bias = {str(token): 100 for token in tokens}
    return chat(("system", RULES), ("user", "Hello."), logit_bias=bias)


def test_each_biased_token_is_content_once() -> None:
    service = settled()
    first, more, again = (service.ask(steering(*sent)) for sent in ((1, 2), (1, 2, 3), (3, 2)))

    assert (first.texts, more.texts, again.texts) == (1, 1, 0)
    assert (len(first.biased), len(more.biased), again.biased) == (2, 1, ())
    assert set(more.biased).isdisjoint(first.biased)
    assert (first.worded, first.text) == (False, "Hello.")


def test_a_constant_bias_is_soon_read_whatever_stands_beside() -> None:
    service = settled()
    read = [len(service.ask(steering(*range(40), 100 + new)).biased) for new in range(5)]

    assert max(read) == 16
    assert read[-1] == 1


def test_a_biased_token_has_one_hash_for_everybody() -> None:
    one, other = (news(steering(7), who, (), SEED, settled=True) for who in (1, 2))

    assert one.biased == other.biased
    assert set(one.marks).isdisjoint(other.marks)


def test_of_a_document_that_came_in_a_field_of_its_own_the_data_is_a_payload() -> None:
    data = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAAB" * 20
    found = settled().ask(chat(("user", "Hello."), documents=[{"title": TASK, "data": data}]))

    assert len(found.payloads) == 1
    assert TASK in found.text
    assert data not in found.text


def test_sealed_reasoning_that_was_given_here_is_no_content() -> None:
    service, seal = Service(), "s" * 300
    asked = {"type": "message", "role": "user", "content": TASK}
    service.ask(from_document(RESPONSES, {"input": [asked]}))
    service.known.update(given(UNIT, SEED, Outcome(references=(reference(seal) or "",)), 0))

    def goes_on(sealed: str) -> News:
        reasoning = {"type": "reasoning", "summary": [], "encrypted_content": sealed}
        return service.ask(
            from_document(
                RESPONSES,
                {"input": [asked, reasoning, {"role": "user", "content": "Go on."}]},
            )
        )

    assert goes_on(seal).payloads == ()
    assert len(goes_on("t" * 300).payloads) == 1


def test_what_goes_on_from_an_answer_by_its_name_continues_once() -> None:
    service = settled()
    service.known.update(given(UNIT, SEED, Outcome(text=ANSWER, id="resp_1"), 0))

    def goes_on(name: str, text: str) -> News:
        document = {"input": text, "previous_response_id": name}
        return service.ask(from_document(RESPONSES, document))

    assert goes_on("resp_1", "And of 19?").continues
    assert not goes_on("resp_1", "And of 23?").continues
    assert not goes_on("resp_2", "And of 29?").continues


def test_what_one_principal_sent_is_new_from_another() -> None:
    service = settled()
    service.ask(chat(("user", TASK)))

    assert news(chat(("user", TASK)), UNIT + 1, service.known, SEED, settled=True).texts == 1
