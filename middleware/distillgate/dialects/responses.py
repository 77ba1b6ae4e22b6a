"""OpenAI Responses: how a request asks, how an answer or its events say it."""

import re
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from distillgate.dialects.openai import CALLED, ERRORS, SHORTEST, USAGE, read_usage
from distillgate.wire.answer import Answer
from distillgate.wire.content import Text, arguments, role, turns
from distillgate.wire.event import Event
from distillgate.wire.fields import mapping, sequence, word
from distillgate.wire.message import Message, Parameters, Reading
from distillgate.wire.operation import (
    CONTENT,
    Answers,
    Instructions,
    Measured,
    Operation,
    Output,
)
from distillgate.wire.parameters import end_user, is_json, offered, sampling
from distillgate.wire.reference import of_parts
from distillgate.wire.shorten import ReasoningSettings, Shortener, put

LOGPROBS = "message.output_text.logprobs"
"""What `include` names to ask for log-probabilities."""


def read_request(document: Mapping[str, Any]) -> Reading:
    """Read a request: instructions first, then a stored prompt's variables, then the input."""
    text = Text()
    given = document.get("input")
    items = [given] if isinstance(given, str | dict) else sequence(given)
    messages = turns(items, _turn, text)
    # A prompt stored at the upstream is unseen; what varies in it is not.
    variables = mapping(mapping(document.get("prompt")).get("variables"))
    if filled := text.join(variables.values(), text.of):
        messages.insert(0, Message("user", filled))
    if instructions := text.of(document.get("instructions")):
        messages.insert(0, Message("system", instructions))
    parameters = _parameters(document)
    tools = offered(parameters, document, "tools")
    return Reading(messages, len(items), parameters, end_user(document), tools, read=text.read)


def read_kept(document: Mapping[str, Any]) -> Reading:
    """Read items that are put into a conversation, of which a later request only gives the name."""
    return read_request({**document, "input": document.get("items")})


def _turn(item: Any, text: Text) -> list[Message]:
    if isinstance(item, str):
        return [Message("user", text.of(item))]
    if not isinstance(item, dict):
        return []
    if "role" in item:
        return [Message(role(item["role"]), text.of(item.get("content")))]
    kind = item.get("type")
    kind = kind if isinstance(kind, str) else "message"
    if kind == "message":
        return [Message("user", text.of(item.get("content")))]
    if kind.endswith("_output"):
        return [Message("tool", text.of(item.get("output")))]
    said = text.call(item) if kind.endswith("_call") else text.of(item)
    seals = of_parts([item])
    return [Message("assistant", said, seals)] if said or seals else []


def _parameters(document: Mapping[str, Any]) -> Parameters:
    get = document.get
    parameters = sampling(document, limits=("max_output_tokens",))
    parameters.logprobs = LOGPROBS in sequence(get("include")) or bool(parameters.top_logprobs)
    parameters.effort = word(mapping(get("reasoning")).get("effort"))
    parameters.json_output = is_json(mapping(get("text")).get("format"))
    return parameters


_VISIBLE = frozenset({"response.output_text.delta", "response.refusal.delta"})
_HIDDEN = frozenset({
    "response.reasoning_text.delta", "response.reasoning_summary_text.delta",
    "response.function_call_arguments.delta", "response.custom_tool_call_input.delta",
    "response.mcp_call_arguments.delta", "response.code_interpreter_call_code.delta",
    "response.shell_call_command.delta",
})  # fmt: skip
_BEGUN = frozenset({"response.created", "response.queued", "response.in_progress"})
_WHOLE = _BEGUN | frozenset({
    "response.completed", "response.incomplete", "response.failed", "response.cancelled",
})  # fmt: skip

WANTED = frozenset(name.encode() for name in _VISIBLE | _HIDDEN | _WHOLE)
"""The events that are read. The others repeat what these say, often at length."""


def read_answer(answer: Answer, document: Mapping[str, Any]) -> None:
    """Read a whole response; its reason is its status, or why it is incomplete."""
    _finish(answer, document)
    for item in sequence(document.get("output")):
        kind = mapping(item).get("type")
        if kind == "message":
            answer.show(Text().of(item.get("content")))
        elif kind == "reasoning":
            answer.hide(Text().of(item))
            answer.refer(item)
        elif isinstance(kind, str) and kind.endswith("_call"):
            answer.hide(arguments(item))
        _carry(answer, item)


def read_event(answer: Answer, document: Mapping[str, Any]) -> None:
    """Read a streamed event: a delta, or the response as it begins and as it ends."""
    kind = document.get("type")
    if not isinstance(kind, str):
        return
    if kind in _VISIBLE:
        answer.show(document.get("delta"))
    elif kind in _HIDDEN:
        answer.hide(document.get("delta"))
    elif kind in _WHOLE:
        response = mapping(document.get("response"))
        if kind in _BEGUN:
            answer.describe(response)
            _await(answer, response)
        elif answer.chars:
            _finish(answer, response)
            for item in sequence(response.get("output")):
                answer.refer(item)
                _carry(answer, item)
        else:
            read_answer(answer, response)


def _carry(answer: Answer, item: Any) -> None:
    if mapping(item).get("type") not in ("message", "reasoning"):
        answer.carry(item)


def _finish(answer: Answer, response: Mapping[str, Any]) -> None:
    reason = mapping(response.get("incomplete_details")).get("reason")
    answer.describe(response, word(reason) or response.get("status"))
    read_usage(answer, response.get("usage"))
    _await(answer, response)


def _await(answer: Answer, response: Mapping[str, Any]) -> None:
    """Learn the answer's name, and whether it is still to come."""
    waits = response.get("status") in ("queued", "in_progress")
    answer.id = word(response.get("id")) or answer.id
    answer.awaited = answer.id if waits else None


_DELTAS = frozenset({
    "response.reasoning_text.delta", "response.reasoning_summary_text.delta",
    "response.reasoning.delta", "response.reasoning_summary.delta",
})  # fmt: skip
_DONE = frozenset({
    "response.reasoning_text.done", "response.reasoning_summary_text.done",
    "response.reasoning.done", "response.reasoning_summary.done",
})  # fmt: skip
_PARTS = frozenset({"reasoning_text", "summary_text"})
_WHERE = ("output_index", "summary_index", "content_index")


class ResponsesEdit:
    """Shortens reasoning items and summaries, wherever a response repeats them.

    A reasoning item stays, with its id and what is encrypted of it, as the next turn refers to it.
    So do the events, and their sequence numbers, from which a client may resume.
    """

    def __init__(self, settings: ReasoningSettings) -> None:
        self._shortener = Shortener(settings)
        self._deltas: dict[Hashable, Event] = {}
        """The last delta of each text, as the form of one that gives what was held."""

    def whole(self, answer: dict[str, Any]) -> bool:
        """Change a response in place."""
        items = [*sequence(answer.get("output")), *sequence(answer.get("data"))]  # as it is listed
        changed = [self._item(item) for item in items]
        return any(changed)

    def event(self, event: Event) -> Sequence[Event] | None:
        """Change an event in place; before a text's end, return what was held of it."""
        said = event.document
        kind = said.get("type")
        if kind == "response.output_text.delta":
            changed = self._visible(event)
        elif kind == "response.output_text.done":
            changed = self._shown(said)
            if held := self._held(self._place(said)):
                return (*held, event)
        elif kind in _DELTAS:
            part = (kind, *self._place(said))
            changed = put(said, "delta", lambda text: self._shortener.piece(part, text))
        elif kind in _DONE:
            changed = put(said, "text", self._shortener.whole)
        else:
            changed = self._part(said.get("part")) | self._item(said.get("item"))
            response = said.get("response")
            if isinstance(response, dict):
                changed |= self.whole(response)
        return (event,) if changed else None

    def rest(self) -> Sequence[Event]:
        """Return what texts without an end leave held."""
        return [event for place in list(self._deltas) for event in self._held(place)]

    def _visible(self, event: Event) -> bool:
        said = event.document
        place = self._place(said)
        changed = put(said, "delta", lambda text: self._shortener.visible_piece(place, text))
        if changed:
            self._deltas[place] = event
            _without_logprobs(said)
        return changed

    def _held(self, place: Hashable) -> list[Event]:
        text = self._shortener.held(place)
        return [self._deltas[place].like(delta=text)] if text else []

    def _item(self, item: Any) -> bool:
        given = mapping(item)
        changed = [
            self._part(part)
            for name in ("summary", "content")
            for part in sequence(given.get(name))
        ]
        return any(changed)

    def _part(self, part: Any) -> bool:
        if not isinstance(part, dict):
            return False
        kind = part.get("type")
        if kind in _PARTS:
            return put(part, "text", self._shortener.whole)
        return kind == "output_text" and self._shown(part)

    def _shown(self, holder: dict[str, Any]) -> bool:
        changed = put(holder, "text", self._shortener.visible)
        if changed:
            _without_logprobs(holder)
        return changed

    @staticmethod
    def _place(event: Mapping[str, Any]) -> tuple[Any, ...]:
        return tuple(event.get(name) for name in _WHERE)


def _without_logprobs(holder: dict[str, Any]) -> None:
    # They spell out what was taken.
    if holder.get("logprobs"):
        holder["logprobs"] = []


_ANSWERS = Answers(read_answer, read_event, USAGE, WANTED)
_CONTENT = (*CONTENT, "previous_response_id", "conversation")
RESPONSES = Operation(
    name="responses",
    endings=("/responses",),
    read=read_request,
    answers=_ANSWERS,
    errors=ERRORS,
    content=_CONTENT,
    measured=Measured(
        limits=("max_output_tokens",),
        least=16,
        needs={"include": ("top_logprobs",), **CALLED},
        at_most=SHORTEST,
        routed=True,
        instructions=Instructions("instructions"),
        reasoning=ResponsesEdit,
    ),
    stored=re.compile(
        r"/(?:responses/[^/]+(?:/input_items|/cancel)?|conversations/[^/]+/items(?:/[^/]+)?)$"
    ),
)
COMPACT = Operation(
    name="compact",
    endings=("/responses/compact",),
    read=read_request,
    answers=_ANSWERS,
    errors=ERRORS,
    content=_CONTENT,
)
CONVERSATION = Operation(
    name="conversation",
    endings=("/items",),
    within="/conversations/",
    read=read_kept,
    answers=_ANSWERS,
    errors=ERRORS,
    output=Output.FREE,
    content=(*_CONTENT, "items"),
)
