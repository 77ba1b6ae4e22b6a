"""One person: what they write about, and how. People differ in both, as they do everywhere."""

from dataclasses import dataclass
from random import Random
from typing import NamedTuple

from distillgate_lab.demo.fields import FIELDS, Field

_QUESTIONS = (
    "how do I {v} {n} without {g} {m}",
    "why does {n} {w} when I {v} {m}",
    "is it worth it to {v} {n} before {m}",
    "what would you do with {n} if {m} is {a}",
    "which is better, {n} or {m}",
    "when should I {v} {n}",
    "can {n} be {a} and still {w} near {m}",
    "does {n} need {m} at all",
)
_STATEMENTS = (
    "I tried to {v} {n} and now {m} looks {a}",
    "we usually {v} {n} after {m}",
    "{n} is {a} but {m} is not",
    "my {x} says to {v} {n} first",
    "last {d} I had to {v} {n} with {m}",
    "there is {n} next to {m} and I cannot {v} either",
    "please explain {n} for somebody who knows {m}",
    "I need a plan to {v} {n}",
    "give me three ideas about {n} and {m}",
    "compare {n} with {m}",
    "the {a} {y} has to go, {m} stays",
    "it started when I wanted to {v} {n}",
)
_OPENERS = ("Hi", "Hello there", "hey", "Good morning", "Quick question", "ok so", "Dear assistant")
_CLOSERS = (
    "thanks",
    "Thank you very much",
    "cheers",
    "any help welcome",
    "pls be brief",
    "Regards",
)
_FILLERS = (
    "really",
    "basically",
    "honestly",
    "perhaps",
    "kind of",
    "obviously",
    "actually",
    "still",
)
_WHO = ("brother", "boss", "neighbour", "teacher", "doctor", "flatmate", "client", "mother")
_DAYS = ("week", "Tuesday", "summer", "night", "winter", "Friday", "month", "spring")
_STOPS = (".", "", "...", "!", " :)", ";")
_LINKS = ("and", "because", "but", "so", "although", "while", "since")
_ONSETS = ("b", "k", "dr", "f", "gl", "h", "j", "l", "m", "n", "pr", "r", "s", "t", "v", "z")
_CORES = ("a", "e", "i", "o", "u", "ai", "ou", "ee")
_CODAS = ("n", "rk", "l", "st", "m", "x", "tt", "sh", "")
_ACCENTS = str.maketrans("aeou", "áéöü")


@dataclass(frozen=True, slots=True)
class Manner:
    """How somebody writes. Shares are probabilities."""

    sentences: tuple[int, int]
    joined: float
    """Sentences that go on with a second half."""
    questions: float
    fillers: float
    lower: float
    """Sentences that begin without a capital letter."""
    stops: tuple[str, ...]
    commas: float
    brackets: float
    quotes: float
    numbers: float
    newlines: float
    accents: float
    opener: str
    closer: str
    articles: float


class Subject(NamedTuple):
    """What somebody writes about: words of a field or two, and names only they know."""

    nouns: tuple[str, ...]
    verbs: tuple[str, ...]
    adjectives: tuple[str, ...]


def name(dice: Random, syllables: int = 2) -> str:
    """Coin a name nobody else has."""
    parts = (
        dice.choice(_ONSETS) + dice.choice(_CORES) + dice.choice(_CODAS) for _ in range(syllables)
    )
    return "".join(parts).capitalize()


def subject(dice: Random, fields: tuple[Field, ...] = FIELDS) -> Subject:
    """Draw what somebody writes about."""
    main, side = dice.sample(fields, 2) if len(fields) > 1 else (fields[0], fields[0])
    names = tuple(name(dice, dice.choice((2, 2, 3))) for _ in range(dice.randint(2, 5)))
    return Subject(
        (*dice.sample(main.nouns, 8), *dice.sample(side.nouns, 2), *names),
        (*dice.sample(main.verbs, 4), *dice.sample(side.verbs, 1)),
        (*dice.sample(main.adjectives, 3), *dice.sample(side.adjectives, 1)),
    )


def manner(dice: Random) -> Manner:
    """Draw how somebody writes: a few strong habits each."""

    def habit(often: float, strong: tuple[float, float]) -> float:
        return dice.uniform(*strong) if dice.random() < often else dice.uniform(0.0, 0.1)

    return Manner(
        sentences=(1, dice.choice((2, 2, 3, 4, 5, 7))),
        joined=dice.choice((0.1, 0.2, 0.4, 0.6)),
        questions=dice.choice((0.2, 0.3, 0.5, 0.7)),
        fillers=habit(0.4, (0.2, 0.6)),
        lower=habit(0.4, (0.3, 0.95)),
        stops=(".", ".", dice.choice(_STOPS), dice.choice(_STOPS)),
        commas=habit(0.4, (0.3, 0.8)),
        brackets=habit(0.25, (0.1, 0.4)),
        quotes=habit(0.25, (0.1, 0.4)),
        numbers=habit(0.35, (0.1, 0.5)),
        newlines=habit(0.35, (0.2, 0.8)),
        accents=habit(0.1, (0.2, 0.7)),
        opener=dice.choice(_OPENERS) if dice.random() < 0.35 else "",
        closer=dice.choice(_CLOSERS) if dice.random() < 0.35 else "",
        articles=dice.choice((0.3, 0.5, 0.7, 0.9)),
    )


class Person:
    """Writes messages: most about their own things, the rest about whatever comes up.

    `rambling` is the share of messages about something else.
    """

    def __init__(
        self, dice: Random, *, about: Subject | None = None, rambling: float = 0.35
    ) -> None:
        self._dice = dice
        self.own = about or subject(dice)
        self._rambling = rambling
        self.about = self.own
        self.manner = manner(dice)

    def message(self) -> str:
        """Write one message."""
        dice, manner = self._dice, self.manner
        self.about = subject(dice) if dice.random() < self._rambling else self.own
        count = dice.randint(*manner.sentences)
        parts = [self.sentence() for _ in range(count)]
        if manner.opener and dice.random() < 0.7:
            parts.insert(0, self._cased(manner.opener) + ",")
        if manner.closer and dice.random() < 0.7:
            parts.append(self._cased(manner.closer) + dice.choice(manner.stops))
        text = parts[0]
        for part in parts[1:]:
            text += ("\n" if dice.random() < manner.newlines else " ") + part
        return text

    def passage(self, sentences: int) -> str:
        """Write running text: a letter, a page of notes."""
        return " ".join(self.sentence() for _ in range(sentences))

    def sentence(self) -> str:
        """Write one sentence."""
        dice, manner = self._dice, self.manner
        asks = dice.random() < manner.questions
        text = self._fill(dice.choice(_QUESTIONS if asks else _STATEMENTS))
        if dice.random() < manner.joined:
            comma = "," if dice.random() < manner.commas else ""
            text += f"{comma} {dice.choice(_LINKS)} {self._fill(dice.choice(_STATEMENTS))}"
        if dice.random() < manner.fillers:
            text = f"{dice.choice(_FILLERS)}{',' if dice.random() < manner.commas else ''} {text}"
        if dice.random() < manner.brackets:
            text += f" ({self._noun()}, mostly)"
        if dice.random() < manner.accents:
            text = text.translate(_ACCENTS)
        return self._cased(text) + ("?" if asks else dice.choice(manner.stops))

    def _fill(self, pattern: str) -> str:
        dice, about = self._dice, self.about
        verb = dice.choice(about.verbs)
        return pattern.format(
            v=dice.choice(about.verbs),
            w=verb,
            g=f"having to {verb}",
            n=self._noun(),
            m=self._noun(),
            y=dice.choice(about.nouns),
            a=dice.choice(about.adjectives),
            x=dice.choice(_WHO),
            d=dice.choice(_DAYS),
        )

    def _noun(self) -> str:
        dice, manner = self._dice, self.manner
        word = dice.choice(self.about.nouns)
        if dice.random() < 0.3:
            word = f"{dice.choice(self.about.adjectives)} {word}"
        if dice.random() < manner.quotes:
            word = f'"{word}"'
        if dice.random() < manner.numbers:
            return f"{dice.randint(2, 400)} {word}s"
        return f"the {word}" if dice.random() < manner.articles else word

    def _cased(self, text: str) -> str:
        lower = self._dice.random() < self.manner.lower
        return text.lower() if lower else text[0].upper() + text[1:]
