"""Anthropic Messages: one answer as a document, or as server-sent events."""

from collections.abc import Iterator
from typing import Any

import orjson

from distillgate_lab.upstream.reply import Reply


def document(reply: Reply) -> dict[str, Any]:
    """Build a message: perhaps thinking, then text or the use of a tool."""
    return _message(reply) | {
        "content": list(_blocks(reply)),
        "stop_reason": _stop(reply),
        "usage": _usage(reply, reply.completion_tokens),
    }


def events(reply: Reply) -> Iterator[bytes]:
    """Build the events of a message, with a ping where the API sends one."""
    for event in _events(reply):
        yield b"event: " + event["type"].encode() + b"\ndata: " + orjson.dumps(event) + b"\n\n"


def _events(reply: Reply) -> Iterator[dict[str, Any]]:
    yield {"type": "message_start", "message": _message(reply) | {"usage": _usage(reply, 1)}}
    for index, block in enumerate(_blocks(reply)):
        begun = block | _EMPTY[block["type"]]
        yield {"type": "content_block_start", "index": index, "content_block": begun}
        if index == 0:
            yield {"type": "ping"}
        for delta in _deltas(reply, block):
            yield {"type": "content_block_delta", "index": index, "delta": delta}
        yield {"type": "content_block_stop", "index": index}
    yield {
        "type": "message_delta",
        "delta": {"stop_reason": _stop(reply), "stop_sequence": None},
        "usage": {"output_tokens": reply.completion_tokens},
    }
    yield {"type": "message_stop"}


_EMPTY: dict[str, dict[str, Any]] = {
    "thinking": {"thinking": "", "signature": ""},
    "text": {"text": ""},
    "tool_use": {"input": {}},
}
"""What a block looks like before its deltas."""


def _blocks(reply: Reply) -> Iterator[dict[str, Any]]:
    if reply.reasoning:
        yield {"type": "thinking", "thinking": "".join(reply.reasoning), "signature": reply.seal}
    if reply.tool:
        name, arguments = reply.tool
        given = orjson.loads(arguments)
        yield {"type": "tool_use", "id": f"toolu_{reply.id}", "name": name, "input": given}
    else:
        yield {"type": "text", "text": reply.text}


def _deltas(reply: Reply, block: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if block["type"] == "thinking":
        for thought in reply.reasoning:
            yield {"type": "thinking_delta", "thinking": thought}
        yield {"type": "signature_delta", "signature": block["signature"]}
    elif block["type"] == "text":
        for piece in reply.pieces:
            yield {"type": "text_delta", "text": piece}
    else:
        arguments = reply.tool[1] if reply.tool else ""
        for start in range(0, len(arguments), 12):
            yield {"type": "input_json_delta", "partial_json": arguments[start : start + 12]}


def _message(reply: Reply) -> dict[str, Any]:
    return {
        "id": f"msg_{reply.id}",
        "type": "message",
        "role": "assistant",
        "model": reply.model,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
    }


def _stop(reply: Reply) -> str:
    if reply.tool:
        return "tool_use"
    return "max_tokens" if reply.truncated else "end_turn"


def _usage(reply: Reply, output_tokens: int) -> dict[str, Any]:
    return {
        "input_tokens": reply.prompt_tokens,
        "output_tokens": output_tokens,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
    }
