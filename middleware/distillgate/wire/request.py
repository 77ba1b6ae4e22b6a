"""One request as a value: what the later stages may know of its JSON."""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from itertools import dropwhile, takewhile
from typing import Any

from distillgate.errors import WireError
from distillgate.wire.bounds import WIDE, Bounds
from distillgate.wire.cover import OVERLAY, cover_documents, overlaid
from distillgate.wire.document import Document, read_request
from distillgate.wire.fields import word
from distillgate.wire.message import Message, Parameters
from distillgate.wire.names import folded
from distillgate.wire.operation import Operation
from distillgate.wire.refusal import Errors

__all__ = ["Message", "Parameters", "Request", "from_document", "parse"]


@dataclass(slots=True)
class Request:
    """A parsed request. Actions change a copy of `source`, and need `document` no more."""

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
    """The JSON it came from, under the names that are read; of a request that can be read in
    several ways, a document that holds all of them."""
    source: bytes = b""
    """The text of that JSON, content codings undone; empty where it did not come as bytes. Of
    several that upstreams may read, the first."""
    several: bool = False
    """There are several. Nobody knows which the upstream reads, unless it is sent `source`."""
    turns: int = 0
    """How many turns or inputs there were, those past the bound and unreadable ones included;
    instructions that the dialect keeps apart are none."""
    token_ids: int = 0
    """How much of the prompt came as token ids, which have no text here."""
    prompts: int = 1
    """How many prompts there were, each of which is answered apart."""
    read: AbstractSet[int] = field(default=frozenset(), compare=False, repr=False)
    """What of `document` is in `messages` (see `wire.content.Text.read`)."""
    ambiguous: bool = False
    """Upstreams differ on what it says: `wire.cover` tells how, and what was judged."""
    told: Errors | None = None
    """How clients of its path are told of problems, where that is not its call's way."""

    @property
    def errors(self) -> Errors:
        """How its client is told of a problem."""
        return self.told or self.operation.errors

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
        """The system text that stands before the first turn, joined."""
        if not self.messages or self.messages[0].role != "system":
            return ""
        return "\n".join(m.text for m in takewhile(_instructs, self.messages))

    @property
    def dialogue(self) -> Sequence[Message]:
        """What follows the instructions; system text in the midst of it is content like any."""
        if not self.messages or self.messages[0].role != "system":
            return self.messages
        return list(dropwhile(_instructs, self.messages))


def _instructs(message: Message) -> bool:
    return message.role == "system"


def parse(
    operation: Operation,
    *bodies: bytes,
    bounds: Bounds = WIDE,
    beyond: WireError | None = None,
) -> Request:
    """Read a request body; of `bodies` that one upstream or another may take it for, all.

    `beyond` is why there may be more of them (`codings.Readings`).

    Raises `WireError` for what is not a JSON object of this call: malformed JSON, a wrong top-level
    type, more of it than `bounds`. Never raises anything else. A field of the wrong type makes that
    field not given, never the request unread.

    Pure, so a long body may be read in a worker thread. The parser holds the interpreter lock
    (about 0.3 to 1 ms a megabyte of text); what follows is bounded and yields it.
    """
    try:
        if len(bodies) == 1:
            found, objects = read_request(bodies[0], bounds), [bodies[0]]
        else:
            found, objects = _read_all(bodies, bounds)
    except WireError as error:
        raise beyond or error from None
    ambiguous = found.ambiguous or beyond is not None
    request = from_document(operation, found.value, ambiguous=ambiguous)
    request.source, request.several = objects[0], len(objects) > 1
    return request


def from_document(
    operation: Operation, document: Mapping[str, Any], *, ambiguous: bool = False
) -> Request:
    """Read a request that is already JSON (a traffic log's line). Raises `WireError`."""
    if not isinstance(document, dict):
        raise WireError(f"the body is not a JSON object but a {type(document).__name__}")
    renamed = folded(document, operation.names)
    if renamed is not None:
        document, ambiguous = renamed, True
    if OVERLAY in document:
        document, differ = overlaid(document)
        ambiguous = ambiguous or differ
    told = operation.errors if operation.framed else None
    if operation.choose is not None:
        operation = operation.choose(document)
    reading = operation.read(document)
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
        prompts=reading.prompts,
        read=reading.read,
        ambiguous=ambiguous,
        told=told,
    )


def _read_all(bodies: Sequence[bytes], bounds: Bounds) -> tuple[Document, list[bytes]]:
    # Of several bodies those that are objects, as one, and their texts; an error where none is.
    found: list[Document] = []
    texts: list[bytes] = []
    errors: list[WireError] = []
    for body in bodies:
        try:
            document = read_request(body, bounds)
        except WireError as error:
            errors.append(error)
        else:
            if isinstance(document.value, dict):
                found.append(document)
                texts.append(body)
    beyond = [error for error in errors if error.reason != "malformed"]
    if not found:
        raise next(iter(beyond or errors), WireError("the body is not a JSON object"))
    value, differ = cover_documents([document.value for document in found])
    differ = differ or bool(beyond) or any(document.ambiguous for document in found)
    return Document(value, differ), texts
