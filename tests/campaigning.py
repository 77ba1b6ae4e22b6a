"""A campaign among honest customers, and an upstream whose answers follow from what it is asked."""

from typing import Any

import orjson
from starlette.types import Receive, Scope, Send

from distillgate_lab.demo.call import Call
from distillgate_lab.demo.script import KINDS, write
from distillgate_lab.demo.stage import config, headers

NOON = 1_800_000_000.0

__all__ = ["CALLS", "NOON", "Fixed", "headers", "reply", "settings"]


def settings(**more: Any) -> dict[str, Any]:
    """Return the demonstration's settings, by which a campaign's few calls are seen."""
    found = config()
    found["signals"] = {"work_list": {"value_tokens": 300}}
    found["policy"]["group_budget"] = {"refill": 0.5, "floor_per_day": 60_000}
    measures = ["parameters", "determinism", "reasoning"]
    found["actions"] = {"bands": [{"action": "throttle", "measures": measures}]}
    return {**found, **more}


def _calls() -> list[Call]:
    script = write(scale=0.15, hours=1.0, campaign_accounts=40, campaign_items=430, kinds=KINDS[:1])
    return list(script.calls[-500:])


CALLS = _calls()
"""500 of them, some streamed, of two APIs; the campaign's ask for log-probabilities."""


def reply(body: bytes, path: str = "") -> tuple[str, bytes]:
    """Answer a request: the content type, and the answer."""
    asked = orjson.loads(body)
    usage: dict[str, Any] = {"prompt_tokens": len(body) // 4, "completion_tokens": 600}
    told = f"It is {len(body)}."
    if path.endswith("/messages"):
        usage = {"input_tokens": len(body) // 4, "output_tokens": 600}
        content = [{"type": "text", "text": told}]
        return "application/json", orjson.dumps({"content": content, "usage": usage})
    turn = {"role": "assistant", "content": told, "reasoning_content": "First, I think. " * 40}
    if asked.get("stream"):
        events: list[dict[str, Any]] = [{"choices": [{"delta": {k: v}}]} for k, v in turn.items()]
        events.append({"choices": [], "usage": usage})
        lines = b"".join(b"data: %s\n\n" % orjson.dumps(event) for event in events)
        return "text/event-stream", lines + b"data: [DONE]\n\n"
    choice = {"message": turn, "finish_reason": "stop"}
    return "application/json", orjson.dumps({"choices": [choice], "usage": usage})


class Fixed:
    """The upstream as an application. Remembers the bodies that it was sent."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        assert scope["type"] == "http"
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        self.bodies.append(body)
        kind, answer = reply(body, scope["path"])
        pairs = [(b"content-type", kind.encode())]
        await send({"type": "http.response.start", "status": 200, "headers": pairs})
        await send({"type": "http.response.body", "body": answer})
