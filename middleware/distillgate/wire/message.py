"""What every dialect's reader makes of a request: turns, parameters, and whom it is for."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from msgspec import Struct, field

from distillgate.records import FrozenStruct


class Message(FrozenStruct, frozen=True):
    """One turn of a conversation.

    `text` joins the turn's text parts with newlines. Tool results count as text, and so do an
    assistant's reasoning and its tool calls (as `name(arguments)`): they are prompt tokens, and
    what a replayed trajectory consists of. Images, audio and files do not.

    `role` is the API's own word, with `system` for instructions wherever the dialect keeps them
    (Anthropic `system`, Responses `instructions`, OpenAI `developer`) and `tool` for tool results
    wherever it keeps those (Anthropic: blocks of a user turn, which becomes two messages;
    Responses: items without a role).
    """

    role: str
    text: str
    references: tuple[str, ...] = ()
    """The sealed reasoning the turn carries (see `wire.reference`)."""
    visible: str | None = None
    """Of an assistant's turn, the text its user saw, where that is not all of `text`."""


class Parameters(Struct):
    """The sampling and output parameters that matter to detection, None where not given.

    Values of the wrong type are read as not given: the upstream decides whether they are errors.
    Those that lax upstreams take nonetheless are read as they take them (see `wire.fields`).
    """

    max_tokens: int | None = None
    """The largest of the limits given, where a request gives two; None too where one of them is
    negative, which llama.cpp, LM Studio and Ollama take for no limit."""
    temperature: float | None = None
    top_p: float | None = None
    n: int | None = None
    best_of: int | None = None
    seed: int | None = None
    logprobs: bool = False
    """Log-probabilities are asked for, of the answer or (vLLM) of the prompt."""
    top_logprobs: int | None = None
    logit_bias: tuple[str, ...] = ()
    """The biased token ids, as the client wrote them, in its order; the first `BIAS_LIMIT`."""
    echo: bool = False
    effort: str | None = None
    """Reasoning effort, or "budget" where Anthropic `thinking` is enabled, or its "adaptive"."""
    stream: bool = False
    background: bool = False
    """The answer is made though nobody listens, and fetched later."""
    tools: int = 0
    """How many tools are offered."""
    json_output: bool = False


class Reading(Struct):
    """What a dialect's reader found; `Request` says what the fields mean."""

    messages: list[Message]
    turns: int
    parameters: Parameters
    end_user: str | None = None
    tools: Sequence[Any] = field(default=())
    token_ids: int = 0
    prompts: int = 1
    read: AbstractSet[int] = frozenset()
