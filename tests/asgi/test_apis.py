"""Answers of every API, whole and streamed, over real sockets: what is known of them afterwards."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import httpx2
import pytest
from fastapi import FastAPI, Request
from starlette.responses import Response, StreamingResponse

from distillgate.gate import Gate
from distillgate_lab.upstream.server import serve

if TYPE_CHECKING:
    from pathlib import Path

BUDGET, OUTPUT, RESERVE = 100, 90, 50
"""An answer leaves no room for a second one where its usage was read, and does where it was not."""

EVENTS, LINES, JSON = "text/event-stream", "application/x-ndjson", "application/json"
HI = {"parts": [{"text": "hi"}]}


class Case(NamedTuple):
    path: str
    asked: dict[str, Any]
    kind: str
    body: bytes


def events(*documents: Any) -> bytes:
    return b"".join(b"data: %s\r\n\r\n" % json.dumps(d).encode() for d in documents)


def lines(*documents: Any) -> bytes:
    return b"".join(json.dumps(d).encode() + b"\n" for d in documents)


def array(*documents: Any) -> bytes:
    return b"[%s\n]" % b"\n,\r\n".join(json.dumps(d, indent=2).encode() for d in documents)


def gemini(text: str, **more: Any) -> dict[str, Any]:
    part = {"candidates": [{"content": {"role": "model", "parts": [{"text": text}]}, "index": 0}]}
    return part | {"modelVersion": "m-1"} | more


TOLD = {"promptTokenCount": 12, "candidatesTokenCount": OUTPUT - 30, "thoughtsTokenCount": 30}
THOUGHT = {"candidates": [{"content": {"parts": [{"text": "hm", "thought": True}]}}]}
GEMINI = (THOUGHT, gemini('He"l[l'), gemini("o}", usageMetadata=TOLD))

INTERACTION = {
    "id": "v1_1", "model": "m-1", "status": "completed",
    "usage": {
        "total_input_tokens": 12, "total_output_tokens": OUTPUT - 30, "total_thought_tokens": 30,
    },
}  # fmt: skip
STEPS = [
    {"type": "thought", "signature": "x", "summary": [{"type": "text", "text": "hm"}]},
    {"type": "model_output", "content": [{"type": "text", "text": 'He"l[lo}'}]},
]


def steps(prefix: str) -> Iterator[dict[str, Any]]:
    yield {
        "event_type": "interaction.created",
        "interaction": {"id": "v1_1", "status": "in_progress"},
    }
    thought = {"type": "thought_summary", "content": {"type": "text", "text": "hm"}}
    yield {"event_type": f"{prefix}.delta", "index": 0, "delta": thought}
    for text in ('He"l', "[lo}"):
        delta = {"type": "text", "text": text}
        yield {"event_type": f"{prefix}.delta", "index": 1, "delta": delta}
    yield {"event_type": "interaction.completed", "interaction": INTERACTION}


def ollama(**more: Any) -> dict[str, Any]:
    return {"model": "m-1", "created_at": "2026-01-01T00:00:00Z", "done": False} | more


LAST = {"done": True, "done_reason": "stop", "prompt_eval_count": 12, "eval_count": OUTPUT}


def said(text: str) -> dict[str, Any]:
    return {"role": "assistant", "content": text}


def sglang(text: str, output: int, **more: Any) -> dict[str, Any]:
    meta = {"prompt_tokens": 12, "completion_tokens": output, "finish_reason": None}
    return {"text": text, "meta_info": meta, **more}


def token(text: str, **more: Any) -> dict[str, Any]:
    return {"token": {"id": 1, "text": text, "special": False}, "details": None, **more}


DETAILS = {"finish_reason": "length", "generated_tokens": OUTPUT, "input_length": 12}
LLAMA = {"tokens_evaluated": 12, "tokens_predicted": OUTPUT, "stop": True, "stop_type": "eos"}

CHAT = {"messages": [{"role": "user", "content": "hi"}]}
SIXTY = [sglang("one", OUTPUT - 30), sglang("two", 30)]

CASES = {
    "gemini": Case(
        "/v1beta/models/m-1:generateContent", {"contents": [HI]}, JSON,
        json.dumps(gemini('He"l[lo}', usageMetadata=TOLD), indent=1).encode(),
    ),
    "gemini array": Case(
        "/v1beta/models/m-1:streamGenerateContent", {"contents": [HI]}, JSON, array(*GEMINI)
    ),
    "gemini events": Case(
        "/v1beta/models/m-1:streamGenerateContent?alt=sse", {"contents": [HI]}, EVENTS,
        events(*GEMINI),
    ),
    "interaction": Case(
        "/v1beta/interactions", {"input": "hi"}, JSON,
        json.dumps(INTERACTION | {"steps": STEPS}).encode(),
    ),
    "interaction steps": Case(
        "/v1beta/interactions", {"input": "hi", "stream": True}, EVENTS, events(*steps("step"))
    ),
    "interaction contents": Case(
        "/v1beta/interactions", {"input": "hi", "stream": True}, EVENTS, events(*steps("content"))
    ),
    "ollama chat": Case(
        "/api/chat", CHAT | {"stream": False}, JSON,
        json.dumps(ollama(message=said('He"l[lo}'), **LAST)).encode(),
    ),
    "ollama chat lines": Case(
        "/api/chat", CHAT, LINES,
        lines(
            ollama(message={**said(""), "thinking": "hm"}), ollama(message=said('He"l[')),
            ollama(message=said("lo}")), ollama(message=said(""), **LAST),
        ),
    ),
    "ollama generate": Case(
        "/api/generate", {"prompt": "hi", "stream": False}, JSON,
        json.dumps(ollama(response='He"l[lo}', **LAST)).encode(),
    ),
    "ollama generate lines": Case(
        "/api/generate", {"prompt": "hi"}, LINES,
        lines(ollama(response='He"l['), ollama(response="lo}"), ollama(response="", **LAST)),
    ),
    "sglang": Case(
        "/generate", {"text": "hi"}, JSON, json.dumps(sglang('He"l[lo}', OUTPUT)).encode()
    ),
    "sglang events": Case(
        "/generate", {"text": "hi", "stream": True}, EVENTS,
        events(sglang('He"l', 3), sglang('He"l[l', 5), sglang('He"l[lo}', OUTPUT))
        + b"data: [DONE]\n\n",
    ),
    "sglang list": Case(
        "/generate", {"text": ["a", "b"]}, JSON,
        json.dumps([sglang('He"l[lo}', OUTPUT - 30), sglang("two", 30)]).encode(),
    ),
    "sglang list events": Case(
        "/generate", {"text": ["a", "b"], "stream": True}, EVENTS,
        events(
            sglang('He"l', 3, index=0), sglang("tw", 2, index=1),
            sglang("two", 30, index=1), sglang('He"l[lo}', OUTPUT - 30, index=0),
        ),
    ),
    "tgi": Case(
        "/generate", {"inputs": "hi", "parameters": {"details": True}}, JSON,
        json.dumps({"generated_text": 'He"l[lo}', "details": DETAILS}).encode(),
    ),
    "tgi events": Case(
        "/generate_stream", {"inputs": "hi"}, EVENTS,
        events(
            token('He"l['), token("lo}"),
            {"token": {"id": 2, "text": "</s>", "special": True}, "generated_text": 'He"l[lo}',
             "details": DETAILS},
        ),
    ),
    "llama.cpp": Case(
        "/completion", {"prompt": "hi"}, JSON, json.dumps({"content": 'He"l[lo}', **LLAMA}).encode()
    ),
    "llama.cpp events": Case(
        "/completion", {"prompt": "hi", "stream": True}, EVENTS,
        events({"content": 'He"l['}, {"content": "lo}"}, {"content": "", **LLAMA}),
    ),
    "vertex": Case(
        "/v1/projects/p/endpoints/e:predict", {"instances": [{"text": "hi"}]}, JSON,
        json.dumps({"predictions": [sglang('He"l[lo}', OUTPUT)]}).encode(),
    ),
    "invocations": Case(
        "/invocations", {"inputs": "hi"}, JSON,
        json.dumps([{"generated_text": 'He"l[lo}', "details": DETAILS}]).encode(),
    ),
    "converse": Case(
        "/model/m-1/converse", {"messages": [{"role": "user", "content": [{"text": "hi"}]}]}, JSON,
        json.dumps({
            "output": {"message": {"role": "assistant", "content": [{"text": 'He"l[lo}'}]}},
            "stopReason": "end_turn", "usage": {"inputTokens": 12, "outputTokens": OUTPUT},
        }).encode(),
    ),
    "batch": Case(
        "/v1/chat/completions/batch", {"messages": [CHAT["messages"], CHAT["messages"]]}, JSON,
        json.dumps({
            "choices": [{"index": n, "message": said('He"l[lo}')} for n in range(2)],
            "usage": {"prompt_tokens": 12, "completion_tokens": OUTPUT},
        }).encode(),
    ),
}  # fmt: skip


def upstream() -> FastAPI:
    """Answer each account with its own case, in small pieces, compressed where it takes that."""
    app = FastAPI()

    async def answer(request: Request) -> Response:
        case = CASES[request.headers["x-account"]]
        compressed = "gzip" in request.headers.get("accept-encoding", "")
        body = gzip.compress(case.body) if compressed else case.body
        pieces = (body[at : at + 13] for at in range(0, len(body), 13))
        headers = {"content-encoding": "gzip"} if compressed else {}
        return StreamingResponse(pieces, headers=headers, media_type=case.kind)

    app.add_api_route("/{path:path}", answer, methods=["POST"])
    return app


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_the_text_and_the_usage_of_every_api_are_known_and_charged(
    tmp_path: Path, encoding: str
) -> None:
    log = tmp_path / "traffic.jsonl"
    plan = {"output_tokens_per_day": BUDGET, "reserve": RESERVE}
    config = {
        "mode": "enforce",
        "asgi": {"identity": {"header": "x-account"}},
        "policy": {"plans": {"default": plan}},
        "record": {"path": str(log)},
    }
    app = upstream()
    app.add_middleware(Gate, config=config)
    with serve(app) as server, httpx2.Client(base_url=server.url) as client:
        for name, (path, asked, _, body) in CASES.items():
            headers = {"x-account": name, "accept-encoding": encoding}
            answers = [client.post(path, json=asked, headers=headers) for _ in range(2)]
            assert [answer.status_code for answer in answers] == [200, 429], name
            assert answers[0].content == body

    records = [json.loads(line) for line in log.read_text().splitlines()]
    known = {r["account"]: r["response"] for r in records if r["response"]["status"] == 200}
    assert {name: found["text"] for name, found in known.items()} == dict.fromkeys(
        CASES, 'He"l[lo}'
    )
    told = {"completion_tokens": OUTPUT}
    assert {name: found["usage"] | told for name, found in known.items()} == {
        name: found["usage"] for name, found in known.items()
    }
