"""Anthropic messages and count_tokens: how a request asks, how an answer or its events say it."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from distillgate.dialects.openai import CALLED
from distillgate.wire import usage
from distillgate.wire.answer import Answer
from distillgate.wire.content import Text, arguments, role, turns
from distillgate.wire.event import Event
from distillgate.wire.fields import flag, limit, mapping, number, sequence, word
from distillgate.wire.message import Message, Parameters, Reading
from distillgate.wire.operation import Answers, Instructions, Measured, Operation, Output
from distillgate.wire.parameters import is_json, offered, person
from distillgate.wire.reference import of_parts
from distillgate.wire.refusal import Errors, Problem
from distillgate.wire.shorten import ReasoningSettings, Shortener, put


def read_request(document: Mapping[str, Any]) -> Reading:
    """Read a request of either call: the system text first, then the turns."""
    text = Text()
    items = sequence(document.get("messages"))
    messages = turns(items, _turn, text)
    if system := text.of(document.get("system")):
        messages.insert(0, Message("system", system))
    parameters = _parameters(document)
    tools = offered(parameters, document, "tools")
    end_user = person(mapping(document.get("metadata")).get("user_id"))
    return Reading(messages, len(items), parameters, end_user, tools, read=text.read)


def _turn(item: Any, text: Text) -> list[Message]:
    if not isinstance(item, dict):
        return []
    name, content = role(item.get("role")), item.get("content")
    if not isinstance(content, list):
        return [Message(name, text.of(content))]
    if name != "user":
        shown = _of_kind("text", content)[0]  # what a client shows of it
        visible = text.of(shown) if shown else ""
        return [Message(name, text.of(content), of_parts(content), visible)]
    results, said = _of_kind("tool_result", content)
    if not results:
        return [Message(name, text.of(content))]
    messages = [Message("tool", text.of(results))]
    if said:
        messages.append(Message(name, text.of(said)))
    return messages


def _of_kind(kind: str, parts: Sequence[Any]) -> tuple[list[Any], list[Any]]:
    """Return the parts of one type, and the others."""
    if len(parts) == 1 and type(parts[0]) is dict:  # most turns
        return ([*parts], []) if parts[0].get("type") == kind else ([], [*parts])
    found: list[Any] = []
    others: list[Any] = []
    for part in parts:
        is_one = type(part) is dict and part.get("type") == kind
        (found if is_one else others).append(part)
    return found, others


def _parameters(document: Mapping[str, Any]) -> Parameters:
    get = document.get
    output = mapping(get("output_config"))
    return Parameters(
        max_tokens=limit(get("max_tokens")),
        temperature=number(get("temperature")),
        top_p=number(get("top_p")),
        effort=word(output.get("effort")) or _thinking(mapping(get("thinking"))),
        stream=flag(get("stream")),
        json_output=is_json(output.get("format")) or is_json(get("output_format")),
    )


def _thinking(thinking: Mapping[str, Any]) -> str | None:
    kind = thinking.get("type")
    if kind == "adaptive":
        return "adaptive"
    return "budget" if kind == "enabled" else None


WANTED = frozenset(
    {b"message_start", b"content_block_start", b"content_block_delta", b"message_delta"}
)
"""The events that are read."""


def read_answer(answer: Answer, document: Mapping[str, Any]) -> None:
    """Read a whole message, or a count: counting consumes nothing, so its usage is none."""
    answer.describe(document, document.get("stop_reason"))
    for block in sequence(document.get("content")):
        if isinstance(block, dict):
            _read_block(answer, block)
    answer.usage.take(usage.MESSAGES, document.get("usage"))


def read_event(answer: Answer, document: Mapping[str, Any]) -> None:
    """Read a streamed event."""
    kind = document.get("type")
    if kind == "content_block_delta":
        delta = mapping(document.get("delta"))
        answer.show(delta.get("text"))
        answer.hide(delta.get("thinking"))
        answer.hide(delta.get("partial_json"))
        if delta.get("type") == "signature_delta":
            answer.refer({"type": "thinking", "signature": delta.get("signature")})
    elif kind == "message_delta":
        answer.describe(document, mapping(document.get("delta")).get("stop_reason"))
        answer.usage.take(usage.MESSAGES, document.get("usage"))
    elif kind == "content_block_start":
        # The block is empty yet, but for servers that send it whole.
        block = document.get("content_block")
        answer.show(mapping(block).get("text"))
        _carry(answer, mapping(block))
        answer.refer(block)
    elif kind == "message_start":
        message = mapping(document.get("message"))
        answer.describe(message)
        # Its `output_tokens` is a placeholder: a client that leaves would be charged next to none.
        answer.usage.take(usage.MESSAGES, message.get("usage"), prompt_only=True)


def _read_block(answer: Answer, block: dict[str, Any]) -> None:
    answer.show(block.get("text"))
    answer.hide(block.get("thinking"))
    answer.hide(arguments(block))
    _carry(answer, block)
    answer.refer(block)


def _carry(answer: Answer, block: Mapping[str, Any]) -> None:
    if block.get("type") not in ("text", "thinking"):
        answer.carry(block)


class MessagesEdit:
    """Empties thinking blocks, and shortens tagged reasoning at the beginning of a text block.

    A thinking block stays where it is, with its signature and without its text: that is the form in
    which the API itself omits thinking, it keeps the numbering of the blocks, and a tool's result
    can be sent back with it. Redacted thinking cannot be read, and passes.
    """

    def __init__(self, settings: ReasoningSettings) -> None:
        self._shortener = Shortener(settings)

    def whole(self, answer: dict[str, Any]) -> bool:
        """Change a message in place."""
        changed = False
        for block in sequence(answer.get("content")):
            if isinstance(block, dict):
                changed |= _emptied(block)
                changed |= put(block, "text", self._shortener.visible)
        return changed

    def event(self, event: Event) -> Sequence[Event] | None:
        """Change an event in place; before a block's end, return what was held of it."""
        kind, index = event.document.get("type"), event.document.get("index")
        if kind == "content_block_stop":
            held = self._shortener.held(index)
            return (_delta(index, held), event) if held else None
        part = event.document.get("content_block" if kind == "content_block_start" else "delta")
        if not isinstance(part, dict):
            return None
        changed = _emptied(part)
        changed |= put(part, "text", partial(self._shortener.visible_piece, index))
        return (event,) if changed else None

    def rest(self) -> Sequence[Event]:
        """Return what blocks without an end leave held."""
        held = ((part, self._shortener.held(part)) for part in self._shortener.parts())
        return [_delta(index, text) for index, text in held if text]


def _emptied(block: dict[str, Any]) -> bool:
    if mapping(block).get("type") not in ("thinking", "thinking_delta"):
        return False
    changed = bool(block.get("thinking"))
    block["thinking"] = ""
    return changed


def _delta(index: Any, text: str) -> Event:
    delta = {"type": "text_delta", "text": text}
    return Event.of({"type": "content_block_delta", "index": index, "delta": delta})


_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    503: "overloaded_error",
    504: "timeout_error",
    529: "overloaded_error",
}


def _error(problem: Problem, reference: str) -> dict[str, object]:
    error = {
        "type": _TYPES.get(problem.status, "api_error"),
        "message": problem.message,
        "details": {"error_code": problem.code},
    }
    return {"type": "error", "error": error, "request_id": reference}


def _event(document: bytes) -> bytes:
    return b"\n\nevent: error\ndata: " + document + b"\n\n"


_ERRORS = Errors(_error, b"request-id", _event, sign="anthropic-version")
_ANSWERS = Answers(read_answer, read_event, (usage.MESSAGES,), WANTED)
MESSAGES = Operation(
    name="messages",
    endings=("/v1/messages",),
    read=read_request,
    answers=_ANSWERS,
    errors=_ERRORS,
    measured=Measured(
        limits=("max_tokens",),
        needs=CALLED,
        prefilled=True,
        routed=True,
        instructions=Instructions("system"),
        reasoning=MessagesEdit,
    ),
)
COUNT_TOKENS = Operation(
    name="count_tokens",
    endings=("/v1/messages/count_tokens",),
    read=read_request,
    answers=_ANSWERS,
    errors=_ERRORS,
    output=Output.FREE,
)
