"""Dealing texts out, so that (nearly) no two accounts send the same one."""

import random
from collections.abc import Iterator, Sequence

from distillgate_lab.scenarios.text import Conversation, Corpus, Family, Item, Turn
from distillgate_lab.scenarios.words import Retelling, Vocabulary, retell

_LONGEST = 14_000
"""Characters of the longest conversation used: every turn carries the whole history."""


class Library:
    """One world's texts. The first use of a text is verbatim, each further one is retold."""

    def __init__(
        self, corpus: Corpus, vocabulary: Vocabulary, seed: str, *, reserved: bool
    ) -> None:
        """Take three quarters of the conversations; `reserved`, the other quarter."""
        self.corpus = corpus
        self.vocabulary = vocabulary
        self.dice = random.Random(f"{seed}/library/{reserved}")
        self._seed = seed
        self._uses = 0
        self._dealt: set[int] = set()
        talks = [talk for talk in corpus.conversations if sum(map(len, talk.texts)) <= _LONGEST]
        self._talks = [talk for i, talk in enumerate(talks) if (i % 4 == 3) is reserved] or talks
        self._donors = [" ".join(talk.texts[:4]) for talk in self._talks] + corpus.questions
        self._deck: list[int] = []
        self._passes = 0
        self._documents: list[int] = []
        self._document_passes = 0

    def donor(self) -> str:
        """Return a text whose subject another may take."""
        return self.dice.choice(self._donors)

    def conversation(self) -> Conversation:
        """Return the next conversation."""
        if not self._deck:
            self._deck = list(range(len(self._talks)))
            self.dice.shuffle(self._deck)
            self._passes += 1
        talk = self._talks[self._deck.pop()]
        return talk if self._passes == 1 else self.again(talk, self.donor())

    def again(self, talk: Conversation, donor: str) -> Conversation:
        """Tell a conversation again about a donor's subject."""
        self._uses += 1
        said = retell(self.vocabulary, talk.texts, donor, f"{self._seed}/{self._uses}")
        turns = tuple(Turn(t.role, text) for t, text in zip(talk.turns, said, strict=True))
        return talk._replace(turns=turns)

    def person(self, *, habits: int = 3, settled: bool = False) -> "Person":
        """Return somebody new: `habits` conversations to talk like; `settled` on one subject."""
        return Person(self, habits, settled)

    def shelf(self) -> "Shelf":
        """Return somebody's documents."""
        return Shelf(self)

    def document(self, longest: int = 3_000) -> str:
        """Return a document nobody else has, cut to `longest` characters."""
        texts = self.corpus.documents
        if not self._documents:
            self._documents = list(range(len(texts)))
            self.dice.shuffle(self._documents)
            self._document_passes += 1
        text = texts[self._documents.pop()]
        start = self.dice.randrange(max(1, len(text) - longest))
        text = text[start : start + longest]
        return self.say(text, self.donor()) if self._document_passes > 1 else text

    def say(self, text: str, donor: str, fixed: frozenset[str] = frozenset()) -> str:
        """Tell a text again."""
        self._uses += 1
        return Retelling(self.vocabulary, donor, f"{self._seed}/{self._uses}").say(text, fixed)

    def answer(self, longest: int = 400) -> str:
        """Return an answer nobody else got."""
        return self.say(self.dice.choice(self.corpus.answers)[:longest], self.donor())

    def pool(self, family: Family, *, bare: bool = False) -> Iterator[Item]:
        """Deal a work list without end; what comes again is retold about another item's subject.

        A list that was dealt before is another hand's now: it comes retold from the beginning and,
        unless the hand takes its items `bare`, in a wrapper of that hand's own.
        """
        items = list(family.items)
        first = id(family) not in self._dealt
        wrapper = {} if first or bare else self._wrapper(family)
        self._dealt.add(id(family))
        while True:
            self.dice.shuffle(items)
            for item in items:
                if first:
                    yield item
                    continue
                donor = self.dice.choice(items).prompt[-800:]
                said = self.say(item.prompt, donor, family.fixed)
                yield item._replace(
                    prompt="\n".join(wrapper.get(line.strip(), line) for line in said.split("\n")),
                    system=wrapper.get(item.system, item.system),
                )
            first = False

    def _wrapper(self, family: Family) -> dict[str, str]:
        """Return what a family's prompts share in other words."""
        shared = sorted(family.fixed | {item.system for item in family.items})
        return {text: self.say(text, self.donor()) for text in shared}


class Person:
    """Somebody's conversations: the manners of a few, and subjects of their own."""

    def __init__(self, library: Library, habits: int, settled: bool) -> None:
        self._library = library
        self._habits = habits
        self._subject = library.donor() if settled else None
        self._known: list[Conversation] = []
        self._next = 0

    def conversation(self) -> Conversation:
        """Return this person's next conversation."""
        library = self._library
        if len(self._known) < self._habits:
            talk = library.conversation()
            if self._subject is not None:
                talk = library.again(talk, self._subject)
            self._known.append(talk)
            return talk
        self._next += 1
        donor = self._subject if self._subject is not None else library.donor()
        return library.again(self._known[self._next % self._habits], donor)

    def turns(self, count: int) -> Sequence[str]:
        """Return this person's next `count` messages, without what was answered."""
        said: list[str] = []
        while len(said) < count:
            said += [t.content for t in self.conversation().turns if t.role == "user"]
        return said[:count]


class Shelf:
    """Somebody's documents: parts of a few sources, about a few subjects of their own."""

    def __init__(self, library: Library) -> None:
        self._library = library
        dice = library.dice
        texts = library.corpus.documents
        self._sources = [dice.choice(texts) for _ in range(dice.choice((1, 2, 3, 4)))]
        self._subjects = [library.donor() for _ in range(dice.choice((1, 2, 3)))]

    def document(self, longest: int = 3_000) -> str:
        """Return this person's next document."""
        dice = self._library.dice
        text = dice.choice(self._sources)
        start = dice.randrange(max(1, len(text) - longest // 2))
        part = text[start : start + dice.randrange(longest // 2, longest)]
        return self._library.say(part, dice.choice(self._subjects))
