"""Cells of one operator: engines that each see some of the accounts, and tell each other."""

from collections.abc import Iterable, Iterator
from itertools import count
from random import Random

import pytest
from benchmarks.valkey import Valkey, valkey
from tests.engine.conftest import World, lexicon, make_engine

from distillgate.campaign.group import Group
from distillgate.campaign.jobs import complete
from distillgate.campaign.summary import MERGEABLE, Summary
from distillgate.engine.engine import Engine
from distillgate.engine.entries import decode
from distillgate.policy.decision import Decision
from distillgate.records import encode

RULES = "You are a careful marker of short answers.\nGive the mark first and two reasons after it."


class Cells:
    """Engines with one key, and a world that writes what their accounts send."""

    def __init__(self, cells: int, seed: int = 1) -> None:
        dice = Random(seed)
        self.engines = [make_engine(enforce=True) for _ in range(cells)]
        self.world = World(self.engines[0], dice, words=lexicon(dice, 4000))
        self._numbers = count(1)

    def cell_of(self, account: str) -> int:
        """Return the cell of an account, as its balancer deals it."""
        return int(account.rpartition("-")[2]) % len(self.engines)

    def play(
        self, traffic: Iterable[tuple[str, str]], *, every: int | None = 40
    ) -> list[tuple[int, Decision]]:
        """Send (account, text) one after the other; every so often each cell tells the others."""
        found = []
        for number, (account, text) in enumerate(traffic, start=1):
            cell = self.cell_of(account)
            self.world.engine = self.engines[cell]
            found.append((cell, self.world.send(account, text)))
            if every is not None and not number % every:
                self.tell()
        return found

    def tell(self) -> list[Summary]:
        """Let each cell tell the others of all its groups."""
        told = [
            self.summary(engine, group, str(cell))
            for cell, engine in enumerate(self.engines)
            for group in engine.state.groups
            if group.kind in MERGEABLE
        ]
        for summary in told:
            self.hear(summary)
        return told

    def summary(self, engine: Engine, group: Group, cell: str) -> Summary:
        """Return what is told of a group, as it comes out of a log."""
        told = complete(engine.state.groups.tell(group))
        entry = decode(encode(Summary(self.world.now, cell, next(self._numbers), told)))
        assert isinstance(entry, Summary)
        return entry

    def hear(self, summary: Summary) -> None:
        """Hand a summary to all cells but its own."""
        for cell, engine in enumerate(self.engines):
            if str(cell) != summary.cell:
                engine.hand(summary)

    def dealt(self, accounts: int, size: int, name: str = "c") -> list[tuple[str, str]]:
        """One list, dealt out at random, behind one template."""
        return [
            (f"{name}-{self.world.random.randrange(accounts)}", f"{RULES}\n{text}")
            for text in self.world.work_list(size)
        ]

    def crowd(self, accounts: int, size: int) -> list[tuple[str, str]]:
        """Users of that template, each with subjects and a manner of their own."""
        people = [self.world.person() for _ in range(accounts)]
        chosen = self.world.random.choices(range(accounts), k=size)
        return [(f"p-{one}", f"{RULES}\n{people[one]()}") for one in chosen]


@pytest.fixture(scope="session")
def server() -> Iterator[Valkey]:
    """A server that no test harms."""
    with valkey() as running:
        yield running


@pytest.fixture
def harmed() -> Iterator[Valkey]:
    """A server for one test, to do with as it likes."""
    with valkey() as running:
        yield running
