"""Answers as an upstream writes them, and their change in any chunks."""

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import orjson
from hypothesis import strategies as st

from distillgate.actions.draft import Draft
from distillgate.actions.rewrite import rewriter
from distillgate.dialects.chat import CHAT
from distillgate.dialects.completions import COMPLETIONS
from distillgate.dialects.messages import MESSAGES
from distillgate.dialects.responses import RESPONSES
from distillgate.wire.event import Edit
from distillgate.wire.operation import Operation
from distillgate.wire.response import Tap
from distillgate.wire.shorten import ReasoningSettings
from distillgate_lab.upstream.calls import decide

JSON, EVENTS = "application/json", "text/event-stream; charset=utf-8"
PATHS = {
    CHAT: "/v1/chat/completions",
    COMPLETIONS: "/v1/completions",
    RESPONSES: "/v1/responses",
    MESSAGES: "/v1/messages",
}
CUTS = st.lists(st.integers(0, 1 << 20), max_size=40)
MakeEdit = Callable[[ReasoningSettings], Edit]


def written(
    operation: Operation, *, stream: bool, reasoning: bool = True, says: str = "", **asked: Any
) -> bytes:
    """Let the embedded upstream answer."""
    turns = [{"role": "user", "content": "What is a river?"}]
    question = {"messages": turns, "input": "What is a river?", "prompt": "What is a river?"}
    body = {"model": "m", "stream": stream, **question, **asked}
    body["stream_options"] = {"include_usage": True}
    answer: Any = (lambda _: says) if says else (lambda _: "Water that goes to the sea.")
    decided = decide(PATHS[operation], orjson.dumps(body), answer, reasoning=reasoning)
    return decided.body if decided.events is None else b"".join(decided.events)


def cut(body: bytes, cuts: Sequence[int]) -> list[bytes]:
    """Cut bytes anywhere."""
    at = sorted({0, len(body), *(where % (len(body) + 1) for where in cuts)})
    return [body[a:b] for a, b in itertools.pairwise(at)]


def changed(edit: Edit, body: bytes, cuts: Sequence[int] = (), *, stream: bool) -> bytes:
    """Pass an answer through its change in the given chunks."""
    kind = EVENTS if stream else JSON
    found = rewriter(edit, status=200, content_type=kind)
    assert found is not None
    chunks = [*cut(body, cuts), b""]
    last = len(chunks) - 1
    return b"".join(found.feed(chunk, last=n == last) for n, chunk in enumerate(chunks))


def events(body: bytes) -> list[Any]:
    """Read a stream's data, but for its end mark."""
    parts = [part.partition(b"data: ")[2] for part in body.split(b"\n\n") if part]
    return [orjson.loads(part) for part in parts if part != b"[DONE]"]


def outcome(operation: Operation, body: bytes, *, stream: bool) -> Any:
    """Read an answer as the gate does."""
    tap = Tap(operation, status=200, content_type=EVENTS if stream else JSON)
    tap.feed(body)
    return tap.close()


def left(draft: Draft) -> Any:
    """Read a request as its measures leave it."""
    return orjson.loads(draft.body.text())
