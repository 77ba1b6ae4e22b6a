"""An exchange as attributes of its spans: the conventions' names first, then our own. No texts.

Names are those of OpenTelemetry's semantic conventions for HTTP and for generative AI (1.43).
"""

from collections.abc import Mapping

from distillgate.actions.effect import Effect
from distillgate.policy.decision import Decision
from distillgate.wire.exchange import Outcome
from distillgate.wire.operation import Operation
from distillgate.wire.request import Request

Value = str | int | float | bool | tuple[str, ...]
Attributes = dict[str, Value]

ERROR_TYPE = "error.type"
STATUS = "http.response.status_code"
FIRST_CHUNK = "gen_ai.response.time_to_first_chunk"

_OPERATIONS: Mapping[str, str] = {
    "completions": "text_completion",
    "native": "text_completion",
    "ollama_generate": "text_completion",
    "embeddings": "embeddings",
    "gemini_embed": "embeddings",
    "gemini": "generate_content",
    "ranking": "rerank",
    "count_tokens": "count_tokens",
}
"""The conventions' words for what is asked, where that is not `chat`."""
_PROVIDERS: Mapping[str, str] = {
    "messages": "anthropic",
    "count_tokens": "anthropic",
    "converse": "aws.bedrock",
    "gemini": "gcp.gemini",
    "gemini_embed": "gcp.gemini",
    "gemini_cache": "gcp.gemini",
    "interactions": "gcp.gemini",
    "ollama_chat": "ollama",
    "ollama_generate": "ollama",
    "native": "_OTHER",
    "ranking": "_OTHER",
    "invocations": "_OTHER",
    "invoke": "aws.bedrock",
    "predict": "gcp.vertex_ai",
}
"""Whose API is spoken, where that is not OpenAI's; who answers behind it nobody tells the gate."""


def of_request(operation: Operation) -> Attributes:
    """Return what is known of a call before its body is read."""
    return {
        "gen_ai.operation.name": _OPERATIONS.get(operation.name, "chat"),
        "gen_ai.provider.name": _PROVIDERS.get(operation.name, "openai"),
    }


def of_answer(request: Request, outcome: Outcome, effect: Effect) -> Attributes:
    """Return what was asked of the upstream, and what its answer came to."""
    parameters = request.parameters
    found: dict[str, Value | None] = {
        "gen_ai.request.model": request.model or None,
        "gen_ai.request.max_tokens": parameters.max_tokens,
        "gen_ai.request.temperature": parameters.temperature,
        "gen_ai.request.top_p": parameters.top_p,
        "gen_ai.request.choice.count": parameters.n,
        "gen_ai.request.stream": parameters.stream or None,
        "gen_ai.response.id": outcome.id,
        "gen_ai.response.model": outcome.model,
        "gen_ai.response.finish_reasons": (
            None if outcome.finish_reason is None else (outcome.finish_reason,)
        ),
        "gen_ai.usage.input_tokens": effect.prompt_tokens,
        "gen_ai.usage.output_tokens": effect.completion_tokens,
    }
    return {name: value for name, value in found.items() if value is not None}


def of_decision(decision: Decision, effect: Effect) -> Attributes:
    """Return our decision, and what the client got."""
    found: Attributes = {
        "distillgate.account": decision.account,
        "distillgate.action": decision.action.label,
        "distillgate.enforced": decision.enforced,
        "distillgate.risk": round(decision.risk, 3),
        "distillgate.result": effect.result,
        "distillgate.reference": effect.reference,
    }
    for name, value in (
        ("group", decision.group),
        ("cause", effect.cause),
        ("not_enforced", decision.not_enforced),
        ("measures", effect.measures),
    ):
        if value:
            found[f"distillgate.{name}"] = value
    return found
