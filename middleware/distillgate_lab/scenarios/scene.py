"""Where a world is written: texts, clock, internet, the log, and who is who."""

import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from distillgate_lab.scenarios.account import Account, Call, ask, habits, model_of, record
from distillgate_lab.scenarios.clock import DAYS, START, USUAL, Clock, Habits
from distillgate_lab.scenarios.infrastructure import Identity, Internet
from distillgate_lab.scenarios.library import Library
from distillgate_lab.scenarios.text import Conversation, Corpus
from distillgate_lab.scenarios.words import Vocabulary

Sink = Callable[[dict[str, Any]], object]
"""Takes the exchanges of a scene as lines of the traffic log, in any order of time."""


class Scene:
    """One part of a world (the honest population, or one campaign), being written."""

    def __init__(
        self,
        corpus: Corpus,
        vocabulary: Vocabulary,
        seed: str,
        write: Sink,
        *,
        campaign: bool,
        days: int = DAYS,
        habits: Habits = USUAL,
    ) -> None:
        self.corpus = corpus
        self.seed = seed
        self.dice = random.Random(seed)
        self.library = Library(corpus, vocabulary, seed, reserved=campaign)
        dice = random.Random(f"{seed}/clock")
        self.clock = Clock(corpus.sessions, corpus.clients, dice, days, habits)
        self.internet = Internet(random.Random(f"{seed}/internet"))
        self.labels: dict[str, str] = {}
        """Class or campaign of each account: for the score, never in the log."""
        self.label = ""
        """What accounts made now are."""
        self.write = write
        """Takes what is written."""
        self._worded: set[str] = set()

    def account(
        self, identity: Identity | None = None, parameters: Mapping[str, Any] | None = None
    ) -> Account:
        """Make an account. Its name tells nothing."""
        name = f"a-{self.dice.getrandbits(48):012x}"
        self.labels[name] = self.label
        model, adopts = model_of(self.dice)
        identity = identity or self.internet.person()
        chosen = habits(self.dice) if parameters is None else parameters
        window = self.dice.choice((4, 6, 8)) if self.dice.random() < 0.1 else None
        return Account(name, identity, model, chosen, adopts, window)

    def exchange(self, account: Account, ts: float, call: Call) -> None:
        """Write one exchange down; what falls outside of the world's days is left out."""
        if START <= ts < self.clock.end:
            self.write(record(account, ts, call, self.dice))

    def wording(self, lines: Sequence[str]) -> list[str]:
        """Return a hand's own wording: lines that another hand of this scene wrote are said
        anew.
        """
        library = self.library
        said = [
            library.say(line, library.donor()) if line in self._worded else line for line in lines
        ]
        self._worded.update(said)
        return said

    def tokens(self, median: float) -> int:
        """Draw the length of an answer."""
        return max(1, round(self.dice.lognormvariate(0.0, 0.6) * median))

    def ask(
        self,
        account: Account,
        ts: float,
        prompt: str,
        system: str = "",
        *,
        tokens: float = 250,
        answered: int = 300,
        **rest: Any,
    ) -> None:
        """Write a single question down; `answered` is the characters kept of its answer."""
        answer = self.library.answer(answered)
        self.exchange(
            account, ts, ask(prompt, system, output=self.tokens(tokens), answer=answer, **rest)
        )

    def converse(
        self,
        account: Account,
        talk: Conversation,
        ts: float,
        *,
        most: int,
        system: str | None = None,
        others: Sequence[Account] = (),
        elsewhere: float = 0.0,
        **rest: Any,
    ) -> int:
        """Play a conversation, at most `most` requests of it; every one carries the history.

        With `others`, every turn goes to one of them or the account, as a pool of keys would have
        it. A share `elsewhere` of the turns is answered by another provider: the history then
        carries answers that were never given here. Returns the requests sent.
        """
        sent, goes_on = 0, self.clock.habits.talk
        for i, turn in enumerate(talk.turns):
            if turn.role not in ("user", "tool") or sent == most:
                continue
            follows = talk.turns[i + 1] if i + 1 < len(talk.turns) else None
            if follows is not None and follows.role != "assistant":
                continue
            ts += self.clock.think() if i else 0.0
            if elsewhere and self.dice.random() < elsewhere:
                continue
            answer = follows.content if follows is not None else self.library.answer()
            key = self.dice.choice((account, *others)) if others else account
            history = (
                talk.turns[: i + 1] if key.window is None else talk.turns[: i + 1][-key.window :]
            )
            call = Call(history, talk.system if system is None else system, **rest)
            call.answer, call.output = answer, max(self.tokens(250), len(answer) // 4)
            self.exchange(key, ts, call)
            sent += 1
            if goes_on < 1.0 and self.dice.random() > goes_on:
                break
        return sent
