"""One request as a value: what the later stages may know of its JSON."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from distillgate.errors import WireError
from distillgate.wire import chat, completions, document, messages, responses
from distillgate.wire.fields import word
from distillgate.wire.message import Message, Parameters, Reading
from distillgate.wire.operation import Operation

__all__ = ["Message", "Parameters", "Request", "from_document", "parse"]


@dataclass(slots=True)
class Request:
    """A parsed request. `document` is the JSON it came from: an action rewrites a copy of it."""

    operation: Operation
    model: str
    messages: Sequence[Message]
    """Instructions first, then the turns in order; for completions and embeddings one `user`
    message an input. At most `wire.content.MESSAGE_LIMIT` turns: the first and the newest."""
    parameters: Parameters
    end_user: str | None = None
    """Whom the client says it acts for: `user`, `safety_identifier`, or `metadata.user_id`."""
    tools: Sequence[Any] = ()
    """The tools offered, as they came; the first `wire.content.TOOL_LIMIT`."""
    document: Mapping[str, Any] = field(default_factory=dict)
    turns: int = 0
    """How many turns or inputs there were, those past the bound and unreadable ones included;
    instructions that the dialect keeps apart are none."""
    token_ids: int = 0
    """How much of the prompt came as token ids, which have no text here."""

    @property
    def newest(self) -> str:
        """The text of the newest user turn; empty where there is none."""
        for message in reversed(self.messages):
            if message.role == "user":
                return message.text
        return ""

    @property
    def references(self) -> Iterator[tuple[int, str]]:
        """The sealed reasoning the request carries, in order: the place in `messages`, the seal.

        What came before a seal, and must not have been altered, is `messages` up to its place.
        """
        return ((i, seal) for i, turn in enumerate(self.messages) for seal in turn.references)

    @property
    def instructions(self) -> str:
        """The system text, joined."""
        return "\n".join(m.text for m in self.messages if m.role == "system")


_READERS: Mapping[Operation, Callable[[Mapping[str, Any]], Reading]] = {
    Operation.CHAT: chat.read_request,
    Operation.COMPLETIONS: completions.read_request,
    Operation.RESPONSES: responses.read_request,
    Operation.EMBEDDINGS: completions.read_embedding_request,
    Operation.MESSAGES: messages.read_request,
    Operation.COUNT_TOKENS: messages.read_request,
}


def parse(operation: Operation, body: bytes) -> Request:
    """Read a request body.

    Raises `WireError` for what is not a JSON object of this call: malformed JSON, a wrong top-level
    type, nesting past the parser's depth. Never raises anything else. A field of the wrong type
    makes that field not given, never the request unread.

    Pure, so a long body may be read in a worker thread. The parser holds the interpreter lock
    (about 0.3 to 1 ms a megabyte of text); what follows is bounded and yields it.
    """
    return from_document(operation, document.read(body))


def from_document(operation: Operation, document: Mapping[str, Any]) -> Request:
    """Read a request that is already JSON (a traffic log's line). Raises `WireError`."""
    if not isinstance(document, dict):
        raise WireError(f"the body is not a JSON object but a {type(document).__name__}")
    if operation is Operation.INVOCATIONS:
        operation = _invoked(document)
    reading = _READERS[operation](document)
    return Request(
        operation=operation,
        model=word(document.get("model")) or "",
        messages=reading.messages,
        parameters=reading.parameters,
        end_user=reading.end_user,
        tools=reading.tools,
        document=document,
        turns=reading.turns,
        token_ids=reading.token_ids,
    )


def _invoked(document: Mapping[str, Any]) -> Operation:
    """Tell which call a body is by the key that only it has, in vLLM's order."""
    for key, operation in _INVOKED.items():
        if document.get(key) is not None:
            return operation
    raise WireError("the body is of no call that is read")


_INVOKED = {
    "messages": Operation.CHAT,
    "prompt": Operation.COMPLETIONS,
    "input": Operation.EMBEDDINGS,
}
