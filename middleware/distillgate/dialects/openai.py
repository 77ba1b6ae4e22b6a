"""What OpenAI's calls have in common: how they tell of errors and of usage."""

from typing import Any

from distillgate.wire import usage
from distillgate.wire.answer import Answer
from distillgate.wire.refusal import Errors, Problem

_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "invalid_request_error",
    429: "rate_limit_error",
    503: "service_unavailable_error",
}


def _error(problem: Problem, _reference: str) -> dict[str, object]:
    return {
        "error": {
            "message": problem.message,
            "type": _TYPES.get(problem.status, "server_error"),
            "param": None,
            "code": problem.code,
        }
    }


ERRORS = Errors(_error)

USAGE = (usage.CHAT, usage.RESPONSES)
"""Whose usage it may be: hosts answer one call with the other's."""


def read_usage(answer: Answer, told: Any) -> None:
    """Take an OpenAI usage object, of whichever call."""
    if told is None:
        return
    for shape in USAGE:
        answer.usage.take(shape, told)


SERVERS = ("n_predict", "max_new_tokens", "num_predict")
"""Servers' own names for the longest output."""
BEAMS = ("use_beam_search", "length_penalty", "early_stopping")
SHORTEST = (("min_tokens",), ("min_new_tokens",))
CALLED = {"stream": ("stream_options",), "tools": ("tool_choice", "parallel_tool_calls")}
SAMPLED = {"best_of": BEAMS, "n": BEAMS, **CALLED}
