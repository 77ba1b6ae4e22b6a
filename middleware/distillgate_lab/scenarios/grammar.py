"""A small grammar: people who differ in subject and manner, and lists that do not."""

import random
from dataclasses import dataclass

_ONSETS = "b br c ch cl d dr f fl g gr h j k l m n p pl pr qu r s sh sl st t tr v w z".split()  # noqa: SIM905  (more readable)
_VOWELS = "a e i o u ai ea ou ie oa".split()  # noqa: SIM905  (more readable)
_CODAS = "b ck d ft g l ll m n nd ng p r rn s sk st t x".split()  # noqa: SIM905  (more readable)
_ENDINGS = {
    "noun": ("", "or", "ity", "ment"),
    "verb": ("e", "ate", "ise"),
    "adjective": ("al", "y", "ous"),
}
_LINKS = (
    "of the",
    "in a",
    "for the",
    "with my",
    "near the",
    "without any",
    "from that",
    "between the",
)
_OPENERS = (
    "",
    "",
    "hi, ",
    "Hello! ",
    "ok so ",
    "Sorry, ",
    "Quick question: ",
    "I think ",
    "hey ",
    "Dear assistant, ",
)
_ASKS = (
    "how do I",
    "what is",
    "why does",
    "can you",
    "tell me about",
    "is there",
    "please",
    "where should I",
)
_ENDS = ("?", "?", ".", "...", "!", " thanks", "??", ". Thank you very much.")


@dataclass(frozen=True, slots=True)
class Subject:
    """Something to talk about: its own words."""

    noun: tuple[str, ...]
    verb: tuple[str, ...]
    adjective: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Manner:
    """How somebody writes."""

    length: float
    """Clauses a message, on average."""
    lower: bool
    opener: str
    asks: tuple[str, ...]
    ends: tuple[str, ...]
    commas: float
    numbers: float
    lists: float
    quotes: float


class Grammar:
    """Writes texts. Words of subjects are made up, so that no two subjects share any by chance."""

    def __init__(self, seed: str, subjects: int = 300) -> None:
        self.dice = random.Random(seed)
        self.subjects = [self._subject() for _ in range(subjects)]

    def _word(self, kind: str) -> str:
        dice = self.dice
        stem = "".join(
            dice.choice(_ONSETS) + dice.choice(_VOWELS) + (dice.choice(_CODAS) if last else "")
            for last in (False,) * dice.choice((1, 1, 2)) + (True,)
        )
        return stem + dice.choice(_ENDINGS[kind])

    def _subject(self) -> Subject:
        nouns, verbs, adjectives = (
            tuple(self._word(kind) for _ in range(count))
            for kind, count in (("noun", 24), ("verb", 10), ("adjective", 10))
        )
        return Subject(nouns, verbs, adjectives)

    def manner(self) -> Manner:
        """Draw a person's way of writing."""
        dice = self.dice
        return Manner(
            length=dice.lognormvariate(0.9, 0.6),
            lower=dice.random() < 0.3,
            opener=dice.choice(_OPENERS),
            asks=tuple(dice.sample(_ASKS, 3)),
            ends=tuple(dice.sample(_ENDS, 2)),
            commas=dice.random() * 0.6,
            numbers=dice.random() * 0.3,
            lists=dice.random() ** 4,
            quotes=dice.random() ** 4,
        )

    def clause(self, subject: Subject, manner: Manner) -> str:
        """Write one clause."""
        dice = self.dice
        noun, other = dice.choice(subject.noun), dice.choice(subject.noun)
        if dice.random() < manner.quotes:
            noun = f'"{noun}"'
        if dice.random() < manner.numbers:
            other = f"{dice.randrange(2, 400)} {other}s"
        verb, adjective = dice.choice(subject.verb), dice.choice(subject.adjective)
        said = f"{verb} the {adjective} {noun} {dice.choice(_LINKS)} {other}"
        if dice.random() < manner.commas:
            said += f", {dice.choice(subject.adjective)} as it is"
        return said

    def message(self, subject: Subject, manner: Manner) -> str:
        """Write what somebody asks."""
        dice = self.dice
        count = max(1, round(dice.gauss(manner.length, manner.length / 3)))
        said = [
            f"{dice.choice(manner.asks)} {self.clause(subject, manner)}{dice.choice(manner.ends)}"
            for _ in range(count)
        ]
        if not manner.lower:
            said = [sentence[0].upper() + sentence[1:] for sentence in said]
        if dice.random() < manner.lists:
            return manner.opener + "\n- ".join(said)
        return manner.opener + " ".join(said)

    def prose(self, subject: Subject, clauses: int) -> str:
        """Write a text in a book's manner, in paragraphs."""
        said = [f"You {self.clause(subject, _BOOK)}." for _ in range(clauses)]
        return "\n\n".join(" ".join(said[i : i + 5]) for i in range(0, len(said), 5))

    def exercise(self) -> str:
        """Write an item of a work list: any subject, always the same manner."""
        dice = self.dice
        subject = dice.choice(self.subjects)
        one, two, three = dice.sample(subject.noun, 3)
        first, second = dice.randrange(3, 90), dice.randrange(2, 12)
        return (
            f"A {dice.choice(subject.adjective)} {one} has {first} {two}s and loses {second} of "
            f"them every day. Each {two} needs {dice.randrange(2, 9)} {three}s. "
            f"How many {three}s does the {one} need in {dice.randrange(2, 30)} days?"
        )


_BOOK = Manner(
    3.0, lower=False, opener="", asks=(), ends=(), commas=0.3, numbers=0.1, lists=0.0, quotes=0.02
)
