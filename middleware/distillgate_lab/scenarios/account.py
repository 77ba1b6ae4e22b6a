"""One account of a world, and the log lines it leaves."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from distillgate_lab.scenarios.clock import DAY, START
from distillgate_lab.scenarios.infrastructure import Identity
from distillgate_lab.scenarios.text import Turn

_RELEASE = START + 7 * DAY
"""When the new model comes out."""
_MODELS = (("m-large", 45), ("m-small", 40), ("m-reason", 15))
NEW_MODEL = "m-next"


@dataclass(slots=True)
class Account:
    """An account: who it is and how it asks."""

    name: str
    identity: Identity
    model: str
    parameters: Mapping[str, Any]
    adopts: float
    """When it moves to the new model."""
    window: int | None = None
    """Messages of a conversation that its program sends at most; None: all."""

    def model_at(self, ts: float) -> str:
        """Return the model it asks for."""
        return NEW_MODEL if ts >= self.adopts else self.model


@dataclass(slots=True)
class Call:
    """What one request asks, and what came back."""

    turns: Sequence[Turn]
    system: str = ""
    output: int = 300
    """Output tokens."""
    answer: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    path: str = "/v1/chat/completions"
    status: int = 200
    end_user: str | None = None
    model: str | None = None

    @property
    def embeds(self) -> bool:
        """Return whether it asks for embeddings, not for an answer."""
        return self.path.endswith("embeddings")


def ask(prompt: str, system: str = "", **rest: Any) -> Call:
    """Make a call of a single message."""
    return Call((Turn("user", prompt),), system, **rest)


def record(account: Account, ts: float, call: Call, dice: random.Random) -> dict[str, Any]:
    """Write one exchange as a line of the traffic log; `ts` is its first key."""
    identity = account.identity
    pace = dice.uniform(50.0, 110.0)
    latency = 0.05 if call.status != 200 else 0.3 + call.output / pace
    return {
        "ts": round(ts, 3),
        "account": account.name,
        "plan": identity.plan,
        "org": identity.organisation,
        "attributes": {
            "created": round(identity.created),
            "payment": identity.payment,
            "end_user": call.end_user,
        },
        "client": {
            "ip": dice.choice(identity.addresses),
            "user_agent": identity.stack.agent,
            "headers": identity.stack.headers,
            "ja4": identity.stack.ja4,
        },
        "method": "POST",
        "path": call.path,
        "request": _request(account, ts, call),
        "response": _response(account, ts, call, latency),
    }


def _request(account: Account, ts: float, call: Call) -> dict[str, Any]:
    if call.embeds:
        return {"model": "m-embed", "input": [turn.content for turn in call.turns]}
    messages = [{"role": turn.role, "content": turn.content} for turn in call.turns]
    if call.system:
        messages.insert(0, {"role": "system", "content": call.system})
    model = call.model or account.model_at(ts)
    return {"model": model, "messages": messages, **account.parameters, **call.parameters}


def _response(account: Account, ts: float, call: Call, latency: float) -> dict[str, Any]:
    answered = call.status == 200
    size = sum(len(turn.content) for turn in call.turns) + len(call.system)
    usage = {"prompt_tokens": size // 4 + 6}
    if not call.embeds:
        usage["completion_tokens"] = call.output
    return {
        "status": call.status,
        "usage": usage if answered else {},
        "text": call.answer if answered else "",
        "finish_reason": "stop" if answered else None,
        "model": call.model or account.model_at(ts),
        "latency": round(latency, 3),
    }


def habits(dice: random.Random) -> dict[str, Any]:
    """Draw the parameters that somebody's program always sends."""
    found: dict[str, Any] = {}
    if dice.random() < 0.55:
        found["temperature"] = dice.choice((0, 0.1, 0.2, 0.3, 0.5, 0.7, 0.7, 0.8, 0.9, 1.0, 1.0))
    if dice.random() < 0.4:
        found["max_tokens"] = dice.choice(
            (256, 500, 512, 800, 1000, 1024, 1500, 2000, 2048, 4000, 4096)
        )
    if dice.random() < 0.3:
        found["stream"] = True
    if dice.random() < 0.1:
        found["top_p"] = dice.choice((0.9, 0.95, 1))
    return found


def model_of(dice: random.Random) -> tuple[str, float]:
    """Draw a model, and when the customer moves to the new one: few at once, most much later."""
    model = dice.choices([name for name, _ in _MODELS], [share for _, share in _MODELS])[0]
    return model, _RELEASE + DAY * dice.expovariate(1 / 25.0)
