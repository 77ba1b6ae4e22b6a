"""OpenAI Responses: one answer as a document, or as server-sent events."""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from distillgate_lab.upstream.reply import CREATED, Reply


def document(reply: Reply, request: Mapping[str, Any]) -> dict[str, Any]:
    """Build a response that is done: perhaps reasoning, then a message or a function call."""
    reason = {"reason": "max_output_tokens"} if reply.truncated else None
    return _response(reply, request) | {
        "status": "incomplete" if reply.truncated else "completed",
        "incomplete_details": reason,
        "output": list(_items(reply, request)),
        "usage": _usage(reply),
    }


def events(reply: Reply, request: Mapping[str, Any]) -> Iterator[bytes]:
    """Build the events of a response, each with its `sequence_number`."""
    for number, event in enumerate(_events(reply, request)):
        name = event["type"].encode()
        body = orjson.dumps(event | {"sequence_number": number})
        yield b"event: " + name + b"\ndata: " + body + b"\n\n"


def _events(reply: Reply, request: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    begun = _response(reply, request)
    yield {"type": "response.created", "response": begun}
    yield {"type": "response.in_progress", "response": begun}
    for index, item in enumerate(_items(reply, request)):
        opened = item | {"status": "in_progress"} | _EMPTY[item["type"]]
        yield {"type": "response.output_item.added", "output_index": index, "item": opened}
        where = {"item_id": item["id"], "output_index": index}
        if item["type"] == "reasoning":
            yield from _summary_events(reply, item, where)
        elif item["type"] == "message":
            yield from _text_events(reply, item, where)
        elif item["type"] == "function_call":
            yield from _call_events(item, where)
        yield {"type": "response.output_item.done", "output_index": index, "item": item}
    done = document(reply, request)
    yield {"type": f"response.{done['status']}", "response": done}


_EMPTY: dict[str, dict[str, Any]] = {
    "reasoning": {"summary": []},
    "message": {"content": []},
    "function_call": {"arguments": ""},
}
"""What an output item looks like before its deltas."""


def _summary_events(
    reply: Reply, item: dict[str, Any], where: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    where = where | {"summary_index": 0}
    part = item["summary"][0]
    kind = "response.reasoning_summary"
    yield {"type": f"{kind}_part.added", "part": part | {"text": ""}} | where
    for thought in reply.reasoning:
        yield {"type": f"{kind}_text.delta", "delta": thought} | where
    yield {"type": f"{kind}_text.done", "text": part["text"]} | where
    yield {"type": f"{kind}_part.done", "part": part} | where


def _text_events(
    reply: Reply, item: dict[str, Any], where: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    where = where | {"content_index": 0}
    part = item["content"][0]
    yield {"type": "response.content_part.added", "part": part | {"text": ""}} | where
    for piece in reply.pieces:
        yield {"type": "response.output_text.delta", "delta": piece, "logprobs": []} | where
    yield {"type": "response.output_text.done", "text": part["text"], "logprobs": []} | where
    yield {"type": "response.content_part.done", "part": part} | where


def _call_events(item: dict[str, Any], where: dict[str, Any]) -> Iterator[dict[str, Any]]:
    arguments = item["arguments"]
    for start in range(0, len(arguments), 12):
        delta = arguments[start : start + 12]
        yield {"type": "response.function_call_arguments.delta", "delta": delta} | where
    done = {"arguments": arguments, "name": item["name"]}
    yield {"type": "response.function_call_arguments.done"} | done | where


def _response(reply: Reply, request: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": f"resp_{reply.id}",
        "object": "response",
        "created_at": CREATED,
        "status": "in_progress",
        "error": None,
        "incomplete_details": None,
        "instructions": request.get("instructions"),
        "metadata": request.get("metadata") or {},
        "model": reply.model,
        "output": [],
        "parallel_tool_calls": True,
        "temperature": request.get("temperature", 1.0),
        "text": request.get("text") or {"format": {"type": "text"}},
        "tool_choice": request.get("tool_choice", "auto"),
        "tools": request.get("tools") or [],
        "top_p": request.get("top_p", 1.0),
        "usage": None,
    }


def _items(reply: Reply, request: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    if reply.reasoning:
        summary = [{"type": "summary_text", "text": "".join(reply.reasoning)}]
        item = {"id": f"rs_{reply.id}", "type": "reasoning", "summary": summary}
        wanted = "reasoning.encrypted_content" in (request.get("include") or ())
        yield item | ({"encrypted_content": reply.seal} if wanted else {})
    if reply.tool:
        name, arguments = reply.tool
        yield {
            "id": f"fc_{reply.id}",
            "type": "function_call",
            "status": "completed",
            "call_id": f"call_{reply.id}",
            "name": name,
            "arguments": arguments,
        }
        return
    part = {"type": "output_text", "text": reply.text, "annotations": [], "logprobs": []}
    yield {
        "id": f"msg_{reply.id}",
        "type": "message",
        "status": "completed",
        "role": "assistant",
        "content": [part],
    }


def _usage(reply: Reply) -> dict[str, Any]:
    return {
        "input_tokens": reply.prompt_tokens,
        "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
        "output_tokens": reply.completion_tokens,
        "output_tokens_details": {"reasoning_tokens": len(reply.reasoning)},
        "total_tokens": reply.prompt_tokens + reply.completion_tokens,
    }
