"""Synthetic traffic: people with their own vocabulary and manner, and one hand's work list."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest

from distillgate.dialects.chat import CHAT
from distillgate.engine.engine import Engine, EngineSettings
from distillgate.engine.queries import Queries
from distillgate.policy.decision import Decision
from distillgate.wire.exchange import Client, Exchange, Outcome
from distillgate.wire.request import Request, from_document

_ONSETS = ["b", "br", "c", "cl", "d", "dr", "f", "g", "gr", "h", "j", "k", "m", "p", "s", "st", "v"]
_VOWELS = ["a", "e", "i", "o", "u", "ea", "ai", "ou"]
_CODAS = ["n", "r", "l", "s", "t", "m", "nd", "rt", "sk", "p", "ck"]
_GRAMMAR = ["the", "of", "to", "and", "in", "is", "for", "on", "with", "as", "be", "are", "this"]


def lexicon(random_: Random, size: int) -> list[str]:
    """Invented words; every subject is a handful of them."""

    def syllable() -> str:
        return random_.choice(_ONSETS) + random_.choice(_VOWELS) + random_.choice(_CODAS)

    return ["".join(syllable() for _ in range(random_.choice((2, 2, 3)))) for _ in range(size)]


@dataclass
class Manner:
    """How somebody writes, whatever the subject."""

    random: Random
    lower: bool = False
    length: float = 12.0
    sentences: float = 3.0
    grammar: float = 0.4
    comma: float = 0.1
    digit: float = 0.05
    quote: float = 0.05
    question: float = 0.3
    line: float = 0.1

    @classmethod
    def of_somebody(cls, random_: Random) -> "Manner":
        """Draw somebody's manner."""
        u = random_.random
        return cls(
            random_,
            lower=u() < 0.4,
            length=5 + 14 * u(),
            sentences=1 + 5 * u() ** 2,
            grammar=0.15 + 0.5 * u(),
            comma=0.35 * u() ** 2,
            digit=0.3 * u() ** 3,
            quote=0.3 * u() ** 3,
            question=u(),
            line=0.7 * u() ** 2,
        )

    def write(self, subject: Sequence[str]) -> str:
        """Write a few sentences on a subject."""
        pick = self.random
        count = max(1, round(pick.gauss(self.sentences, 0.7)))
        return "".join(self._sentence(subject) for _ in range(count)).strip()

    def _sentence(self, subject: Sequence[str]) -> str:
        pick = self.random
        words = []
        for _ in range(max(3, round(pick.gauss(self.length, 2.0)))):
            word = pick.choice(_GRAMMAR) if pick.random() < self.grammar else pick.choice(subject)
            if pick.random() < self.digit:
                word = str(pick.randrange(2000))
            if pick.random() < self.quote:
                word = f'"{word}"'
            words.append(word + ("," if pick.random() < self.comma else ""))
        text = " ".join(words)
        if not self.lower:
            text = text[0].upper() + text[1:]
        end = "?" if pick.random() < self.question else "."
        return text + end + ("\n" if pick.random() < self.line else " ")


@dataclass
class World:
    """One run: an engine, a clock, and everybody's traffic from one seed."""

    engine: Engine
    random: Random
    now: float = 1.8e9
    words: list[str] = field(default_factory=list)

    @property
    def queries(self) -> Queries:
        """What an operator may ask of the engine."""
        return Queries(self.engine)

    def person(self) -> Callable[[], str]:
        """Give somebody who writes on two subjects of their own, in their own manner."""
        manner = Manner.of_somebody(Random(self.random.random()))
        subjects = [self.random.sample(self.words, 25) for _ in range(2)]
        return lambda: manner.write(manner.random.choice(subjects))

    def work_list(self, size: int) -> Iterator[str]:
        """Give one operator's list: any subject, one manner."""
        manner = Manner(Random(self.random.random()))
        return (manner.write(self.random.sample(self.words, 25)) for _ in range(size))

    def send(
        self,
        account: str,
        text: str,
        *,
        system: str = "",
        outcome: Outcome | None = None,
        **options: Any,
    ) -> Decision:
        """Send one exchange through the engine, at once answered."""
        exchange = chat(account, text, system, **options)
        decision = self.engine.begin(exchange, self.now)
        self.engine.finish(decision, outcome or ANSWER, self.now + 1.0)
        self.now += self.random.expovariate(1 / 20)
        return decision

    def play(self, traffic: Iterable[tuple[str, str]], **options: Any) -> list[Decision]:
        """Send (account, text) one after the other."""
        return [self.send(account, text, **options) for account, text in traffic]


ANSWER = Outcome(status=200, prompt_tokens=200, completion_tokens=150, finish_reason="stop")


def chat(account: str, text: str, system: str = "", **options: Any) -> Exchange:
    """Build a chat exchange; what `Exchange` knows goes there, the rest into the document."""
    messages = [{"role": "system", "content": system}] if system else []
    messages.append({"role": "user", "content": text})
    known = {name: options.pop(name) for name in _EXCHANGE if name in options}
    document = {"model": "m", "messages": messages} | options
    client = Client(ip=None, user_agent="OpenAI/Python 3.1")
    request = from_document(CHAT, document)
    return Exchange(account, request, **{"client": client, **known})


_EXCHANGE = ("plan", "organisation", "client", "attributes", "id", "path")


def count(request: Request) -> int:
    """Count tokens about right, without a vocabulary."""
    return sum(len(message.text) for message in request.messages) // 4


def make_engine(settings: EngineSettings | None = None, *, enforce: bool = False) -> Engine:
    """Build an engine of its own secret."""
    return Engine(settings or EngineSettings(), count=count, secret=b"s" * 32, enforce=enforce)


Start = Callable[..., World]


@pytest.fixture
def start() -> Start:
    """Start a world of its own: a fresh engine, everything drawn from one seed."""

    def begin(
        seed: int = 1, settings: EngineSettings | None = None, *, enforce: bool = False
    ) -> World:
        random_ = Random(seed)
        words = lexicon(random_, 4000)
        return World(make_engine(settings, enforce=enforce), random_, words=words)

    return begin
