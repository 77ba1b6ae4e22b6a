"""What a world's traffic is made of: texts, sorted by what they can stand for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple


class Turn(NamedTuple):
    """One message of a conversation."""

    role: str
    content: str


class Conversation(NamedTuple):
    """A whole conversation, its system prompt (if any) apart."""

    system: str
    turns: tuple[Turn, ...]

    @property
    def texts(self) -> list[str]:
        """The turns' texts, in order."""
        return [turn.content for turn in self.turns]


class Item(NamedTuple):
    """One request's varying text, with what came with it."""

    prompt: str
    system: str = ""
    parameters: Mapping[str, Any] = {}


@dataclass(slots=True)
class Family:
    """Items that one template ties together: somebody's batch, a benchmark, a public prompt."""

    name: str
    items: list[Item]
    fixed: frozenset[str]
    """Lines that most of its prompts share."""
    opening: int
    """Characters that its prompts begin with in common."""


@dataclass(slots=True)
class Session:
    """One session or client of a trace: seconds between its requests, and their sizes."""

    gaps: list[float]
    sizes: list[tuple[int, int]]
    """(prompt tokens, output tokens)."""


@dataclass(slots=True)
class Corpus:
    """Everything a world can be written from."""

    conversations: list[Conversation] = field(default_factory=list)
    """People's and agents' conversations."""
    questions: list[str] = field(default_factory=list)
    """Single prompts, each of a person of its own."""
    public: list[Family] = field(default_factory=list)
    """System prompts with what was sent under them."""
    batches: list[Family] = field(default_factory=list)
    """Short templates with records."""
    benchmarks: list[Family] = field(default_factory=list)
    """Few-shot prompts with a known set of questions."""
    pools: list[Family] = field(default_factory=list)
    """Work lists of dealers: what campaigns send."""
    probes: list[Item] = field(default_factory=list)
    """Requests whose parameters are the point."""
    documents: list[str] = field(default_factory=list)
    """Long texts."""
    answers: list[str] = field(default_factory=list)
    """What a model answered somewhere."""
    sessions: list[Session] = field(default_factory=list)
    """Clocks of single sessions."""
    clients: list[Session] = field(default_factory=list)
    """Clocks of busy accounts."""
    origin: str = ""
    """Where it comes from, for the table's heading."""

    def texts(self) -> Sequence[str]:
        """Every text, for a vocabulary."""
        found = [text for talk in self.conversations for text in talk.texts]
        found += self.questions + self.documents
        found += [item.prompt for pool in self.pools for item in pool.items]
        return found
