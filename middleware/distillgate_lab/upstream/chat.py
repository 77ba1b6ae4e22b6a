"""OpenAI chat completions and completions: one answer as a document, or as server-sent events."""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from distillgate_lab.upstream.reply import CREATED, Reply

DONE = b"data: [DONE]\n\n"


def document(reply: Reply, request: Mapping[str, Any]) -> dict[str, Any]:
    """Build a chat completion; `n` choices say the same."""
    message: dict[str, Any] = {"role": "assistant", "content": reply.text or None, "refusal": None}
    if reply.reasoning:
        message["reasoning_content"] = "".join(reply.reasoning)
    if reply.tool:
        message["tool_calls"] = [_call(reply)]
    choices = [
        {
            "index": index,
            "message": message,
            "logprobs": _logprobs(reply.pieces, request),
            "finish_reason": _finish(reply),
        }
        for index in range(_count(request))
    ]
    return _head(reply, "chat.completion") | {
        "choices": choices,
        "usage": _usage(reply, len(choices)),
    }


def events(reply: Reply, request: Mapping[str, Any]) -> Iterator[bytes]:
    """Build a chat completion's chunks: a role, the pieces, a reason to stop, perhaps usage."""
    head = _head(reply, "chat.completion.chunk")
    for index in range(_count(request)):
        yield _chunk(head, index, {"role": "assistant", "content": "", "refusal": None})
        for thought in reply.reasoning:
            yield _chunk(head, index, {"reasoning_content": thought})
        for piece in reply.pieces:
            logprobs = _logprobs([piece], request)
            yield _chunk(head, index, {"content": piece}, logprobs=logprobs)
        if reply.tool:
            yield from _tool_chunks(head, index, reply)
        yield _chunk(head, index, {}, finish_reason=_finish(reply))
    if _wants_usage(request):
        yield _event(head | {"choices": [], "usage": _usage(reply, _count(request))})
    yield DONE


def legacy_document(reply: Reply, request: Mapping[str, Any]) -> dict[str, Any]:
    """Build a completion of the old call: one choice, the prompt first where `echo` asks for it."""
    echo = request.get("prompt") if request.get("echo") else ""
    text = (echo if isinstance(echo, str) else "") + reply.text
    choice = {"index": 0, "text": text, "logprobs": None, "finish_reason": _finish(reply)}
    return _head(reply, "text_completion") | {"choices": [choice], "usage": _usage(reply, 1)}


def legacy_events(reply: Reply, request: Mapping[str, Any]) -> Iterator[bytes]:
    """Build the chunks of a completion of the old call."""
    head = _head(reply, "text_completion")
    for piece in reply.pieces:
        choice = {"index": 0, "text": piece, "logprobs": None, "finish_reason": None}
        yield _event(head | {"choices": [choice]})
    last = {"index": 0, "text": "", "logprobs": None, "finish_reason": _finish(reply)}
    yield _event(head | {"choices": [last]})
    if _wants_usage(request):
        yield _event(head | {"choices": [], "usage": _usage(reply, 1)})
    yield DONE


def _head(reply: Reply, kind: str) -> dict[str, Any]:
    prefix = "cmpl" if kind == "text_completion" else "chatcmpl"
    return {
        "id": f"{prefix}-{reply.id}",
        "object": kind,
        "created": CREATED,
        "model": reply.model,
    }


def _chunk(
    head: dict[str, Any],
    index: int,
    delta: dict[str, Any],
    *,
    logprobs: Any = None,
    finish_reason: str | None = None,
) -> bytes:
    choice = {
        "index": index,
        "delta": delta,
        "logprobs": logprobs,
        "finish_reason": finish_reason,
    }
    return _event(head | {"choices": [choice]})


def _tool_chunks(head: dict[str, Any], index: int, reply: Reply) -> Iterator[bytes]:
    call = _call(reply)
    arguments = call["function"]["arguments"]
    opened = call | {"index": 0, "function": call["function"] | {"arguments": ""}}
    yield _chunk(head, index, {"tool_calls": [opened]})
    for start in range(0, len(arguments), 12):
        part = {"index": 0, "function": {"arguments": arguments[start : start + 12]}}
        yield _chunk(head, index, {"tool_calls": [part]})


def _call(reply: Reply) -> dict[str, Any]:
    name, arguments = reply.tool or ("", "")
    return {
        "id": f"call_{reply.id}",
        "type": "function",
        "function": {"name": name, "arguments": arguments},
    }


def _logprobs(pieces: list[str], request: Mapping[str, Any]) -> dict[str, Any] | None:
    if not request.get("logprobs"):
        return None
    top = int(request.get("top_logprobs") or 0)
    content = []
    for piece in pieces:
        token = {"token": piece, "logprob": -0.25, "bytes": list(piece.encode())}
        others = [{"token": f"{piece}{i}", "logprob": -1.0 - i, "bytes": None} for i in range(top)]
        content.append(token | {"top_logprobs": others})
    return {"content": content, "refusal": None}


def _finish(reply: Reply) -> str:
    if reply.tool:
        return "tool_calls"
    return "length" if reply.truncated else "stop"


def _usage(reply: Reply, choices: int) -> dict[str, Any]:
    completion = reply.completion_tokens * choices
    return {
        "prompt_tokens": reply.prompt_tokens,
        "completion_tokens": completion,
        "total_tokens": reply.prompt_tokens + completion,
        "completion_tokens_details": {"reasoning_tokens": len(reply.reasoning) * choices},
    }


def _count(request: Mapping[str, Any]) -> int:
    count = request.get("n")
    return count if isinstance(count, int) and count > 0 else 1


def _wants_usage(request: Mapping[str, Any]) -> bool:
    options = request.get("stream_options")
    return isinstance(options, Mapping) and bool(options.get("include_usage"))


def _event(value: dict[str, Any]) -> bytes:
    return b"data: " + orjson.dumps(value) + b"\n\n"
