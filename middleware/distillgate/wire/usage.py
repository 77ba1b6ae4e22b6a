"""What an answer says it came to, wherever and in however many pieces it says it."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from distillgate.wire.fields import integer, mapping, sequence

TOKENS_LIMIT = 1 << 40
"""Tokens that one answer may be said to have come to. More is no count of tokens, and would round
away what a budget holds."""

CHARS_LIMIT = 64
"""Characters that one token stands for at most, on average over an answer. A usage below that, of
zero above all, is a placeholder: it counts as not told."""


ANSWERS_LIMIT = 1 << 12
"""Answers to one request whose usages are told apart."""


class Shape(NamedTuple):
    """An API's names for the tokens of a prompt and of an output; the parts of each are added."""

    prompt: tuple[str, ...]
    output: tuple[str, ...]
    total: str = ""
    """Both, with parts of the output that some leave out of it."""
    details: tuple[tuple[str, str, str], ...] = ()
    """The name of a part that an object of details gives, where the usage itself does not."""
    reasoning: str = ""
    """The object that tells how much of the output is `reasoning_tokens`."""
    rounds: str = ""
    """The list of the model's runs that the answer took, each with a usage of its own. Some of them
    (a compaction, an advisor's) are in the list alone."""


CHAT = Shape(
    ("prompt_tokens",),
    ("completion_tokens",),
    total="total_tokens",
    reasoning="completion_tokens_details",
)
RESPONSES = Shape(
    ("input_tokens",), ("output_tokens",), total="total_tokens", reasoning="output_tokens_details"
)
MESSAGES = Shape(
    ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens"),
    ("output_tokens",),
    details=(
        ("cache_creation_input_tokens", "cache_creation", "ephemeral_5m_input_tokens"),
        ("cache_creation_input_tokens", "cache_creation", "ephemeral_1h_input_tokens"),
    ),
    rounds="iterations",
)
GEMINI = Shape(
    ("promptTokenCount", "toolUsePromptTokenCount"),
    ("candidatesTokenCount", "thoughtsTokenCount"),
    total="totalTokenCount",
)
OLLAMA = Shape(("prompt_eval_count",), ("eval_count",))


class Usage:
    """The fields of a usage as they become known: the last that is told of each one counts.

    A zero does not take back what was told before: servers send one where they do not know yet, or
    no more.
    """

    __slots__ = ("_others", "_told")

    def __init__(self) -> None:
        self._told: dict[str, int] = {}
        self._others: dict[int, dict[str, int]] = {}

    def take(self, shape: Shape, usage: Any, *, prompt_only: bool = False, of: int = 0) -> None:
        """Take a usage object; what is no object tells nothing.

        `of` says which of several answers it is of, where each has its own: they are added.
        """
        if not isinstance(usage, dict):
            return
        names = shape.prompt if prompt_only else (*shape.prompt, *shape.output, shape.total)
        told = self._others.setdefault(min(of, ANSWERS_LIMIT), {}) if of else self._told
        for name in names:
            value = usage.get(name)
            if value is not None and (count := tokens(value)) is not None:
                told[name] = count or told.get(name, 0)
        if shape.details or shape.reasoning in usage:
            for name, count in _parts(shape, usage, names):
                told[name] = count or told.get(name, 0)
        if shape.rounds and (rounds := usage.get(shape.rounds)):
            for name, count in _added(rounds, names):
                told[name] = max(count, told.get(name, 0))

    def prompt(self, *shapes: Shape) -> int | None:
        """Return the prompt's tokens; None where no count was told."""
        for shape in shapes:
            if count := self._sum(shape.prompt):
                return count
        return None

    def output(self, chars: int, *shapes: Shape) -> int | None:
        """Return the output's tokens, for an answer in which so many characters were seen."""
        for shape in shapes:
            count = self._sum(shape.output)
            prompt, total = self._sum(shape.prompt), self._sum((shape.total,))
            if prompt and total:
                count = max(count or 0, total - prompt)
            if count is not None:
                count = max(count, self._sum((shape.reasoning,)) or 0)
                return count if count * CHARS_LIMIT >= chars else None
        return None

    def _sum(self, names: tuple[str, ...]) -> int | None:
        if len(names) == 1 and not self._others:  # nearly always
            return self._told.get(names[0])
        all_told = (self._told, *self._others.values())
        counts = [told[name] for told in all_told for name in names if name in told]
        return sum(counts) if counts else None


def _parts(
    shape: Shape, usage: Mapping[str, Any], names: tuple[str, ...]
) -> Iterator[tuple[str, int]]:
    """Yield what objects of details tell."""
    parts: dict[str, int] = {}
    for name, where, part in shape.details:
        count = tokens(mapping(usage.get(where)).get(part))
        if count is not None and name in names and not usage.get(name):
            parts[name] = parts.get(name, 0) + count
    yield from parts.items()
    if shape.reasoning:
        count = tokens(mapping(usage.get(shape.reasoning)).get("reasoning_tokens"))
        if count:
            yield shape.reasoning, count


def _added(rounds: Any, names: tuple[str, ...]) -> Iterator[tuple[str, int]]:
    """Yield what several runs came to together, for each name that they tell."""
    runs = [mapping(run) for run in sequence(rounds)]
    for name in names:
        counts = [count for run in runs if (count := tokens(run.get(name))) is not None]
        if counts:
            yield name, sum(counts)


def tokens(value: Any) -> int | None:
    """Read a token count; what none can be is not known."""
    count = integer(value)
    return count if count is not None and 0 <= count <= TOKENS_LIMIT else None
