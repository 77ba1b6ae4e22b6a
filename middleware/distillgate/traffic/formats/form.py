"""What a format's module says of its records, and the words that it reads them by."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from distillgate.wire import document
from distillgate.wire.fields import mapping, number

CHAT = "/v1/chat/completions"
_MILLI, _MICRO, _NANO = 1e11, 1e14, 1e17
"""Past these a number that tells a time counts thousandths, millionths, billionths of seconds."""

_DEPTH = 12
"""How deep in an answer its text is looked for."""

Record = Mapping[str, Any]


@dataclass(slots=True, kw_only=True)
class Call:
    """One exchange as another program's log tells it; None is "not known"."""

    ts: float | None
    path: str
    request: Record
    """The body of the request, in its API's shape."""
    account: str | None = None
    answer: Any = None
    """The body of the answer in the same shape, as JSON or as the text of its events."""
    status: int | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    text: str | None = None
    """The text of the answer, where its body is not known."""
    finish_reason: str | None = None
    model: str | None = None
    """The model that answered."""
    latency: float | None = None
    id: str = ""
    plan: str | None = None
    organisation: str | None = None
    end_user: str | None = None
    created: float | None = None
    payment: str | None = None
    ip: str | None = None
    user_agent: str | None = None
    headers: Sequence[str] = ()
    ja4: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A kind of log. Its module makes it, `registry` lists it."""

    name: str
    about: str
    """Where such a log comes from."""
    read: Callable[[Sequence[Record]], Iterable[Call]]
    """Reads the calls out of the records that belong together; none where they tell of no call.
    Raises `LineError` for what cannot be read."""
    key: Callable[[Record], str | None] | None = None
    """What records that belong together share; None where each stands alone."""
    wrappers: frozenset[str] = frozenset()
    """The keys under which pages of the log hold their records."""


def found(record: Any, path: str) -> Any:
    """Return what stands at a path of keys with dots; objects written as text are gone into."""
    for index, name in enumerate(names := path.split(".")):
        record = mapping(parsed(record))
        rest = ".".join(names[index:])  # many programs write keys that have dots themselves
        if rest in record:
            return record[rest]
        record = record.get(name)
    return record


def first(record: Record, *paths: str) -> Any:
    """Return the first value that is there and is not empty."""
    for path in paths:
        value = found(record, path)
        if value not in (None, "", {}, []):
            return value
    return None


def parsed(value: Any) -> Any:
    """Return the JSON that a text holds; anything else as it is."""
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        try:
            return orjson.loads(value)
        except orjson.JSONDecodeError:
            return value
    return value


def word(value: Any) -> str | None:
    """Read a name; numbers are names as well."""
    if isinstance(value, bool):
        return None
    return str(value) if isinstance(value, str | int) and value != "" else None


def when(value: Any) -> float | None:
    """Read a time: seconds, or parts of them, since the epoch; or ISO 8601, of UTC if not told."""
    count = number(value)
    if count is not None:
        for past, parts in ((_NANO, 1e9), (_MICRO, 1e6), (_MILLI, 1e3)):
            if count > past:
                return count / parts
        return count
    if not isinstance(value, str):
        return None
    try:
        at = datetime.fromisoformat(value.strip())
    except ValueError:
        return None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()


def seconds(value: Any, parts: float = 1e3) -> float | None:
    """Read a duration that is told in parts of a second."""
    count = number(value)
    return None if count is None or count < 0 else count / parts


def between(begin: float | None, end: float | None) -> float | None:
    """Return how long it was from one time to another."""
    return None if begin is None or end is None or end < begin else end - begin


def messages(value: Any) -> list[Any]:
    """Read what was asked as the messages of a chat, in whichever of the usual ways it is told."""
    value = parsed(value)
    if isinstance(value, dict):
        for name in ("messages", "input", "prompt"):
            if name in value:
                return messages(value[name])
        return [value] if "role" in value else [_said(value)]
    if isinstance(value, list):
        return [
            turn if isinstance(turn, dict) and "role" in turn else _said(turn) for turn in value
        ]
    return [] if value in (None, "") else [_said(value)]


def _said(value: Any) -> dict[str, Any]:
    text = value if isinstance(value, str) else document.write(value).decode()
    return {"role": "user", "content": text}


def said(value: Any, depth: int = _DEPTH) -> str | None:
    """Read the text of an answer that is told as text, as a message, or as a list of those."""
    value = parsed(value)
    if isinstance(value, str) or not depth:
        return value if isinstance(value, str) else None
    if isinstance(value, list):
        return "".join(filter(None, (said(one, depth - 1) for one in value))) or None
    held = (said(value[name], depth - 1) for name in _ANSWERED if name in mapping(value))
    return next((text for text in held if text is not None), None)


_ANSWERED = (
    "content", "text", "message", "delta", "completion", "parts", "output", "choices", "generation",
    "outputText", "results", "outputs", "contentBlockDelta",
)  # fmt: skip
"""The keys under which answers keep their text, or what holds it."""

PATHS: Mapping[str, str] = {
    "chat": CHAT,
    "completion": CHAT,
    "acompletion": CHAT,
    "text_completion": "/v1/completions",
    "atext_completion": "/v1/completions",
    "embedding": "/v1/embeddings",
    "aembedding": "/v1/embeddings",
    "embeddings": "/v1/embeddings",
    "responses": "/v1/responses",
    "aresponses": "/v1/responses",
    "anthropic_messages": "/v1/messages",
    "generate_content": "/v1beta/models/-:generateContent",
    "agenerate_content": "/v1beta/models/-:generateContent",
    "stream_generate_content": "/v1beta/models/-:streamGenerateContent",
}
"""The paths of calls that go by a name."""


def path_of(request: Record) -> str:
    """Return the path of the call that a body is of, where the log does not tell."""
    if "contents" in request:
        return PATHS["generate_content"]
    if "messages" in request:
        anthropic = "anthropic_version" in request or (
            "system" in request and "max_tokens" in request
        )
        return "/v1/messages" if anthropic else CHAT
    if "prompt" in request:
        return "/v1/completions"
    if "input" in request:
        told = {"instructions", "max_output_tokens", "previous_response_id", "reasoning", "tools"}
        plain = isinstance(request["input"], str | list) and not told & request.keys()
        turns = isinstance(request["input"], list) and any(
            isinstance(turn, dict) for turn in request["input"]
        )
        return "/v1/embeddings" if plain and not turns else "/v1/responses"
    return CHAT
