"""A service whose accounts draw from decks: their own, or one that a hand deals to many."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray
from tests.observing import observe
from tests.remembering import moved

from distillgate.account.account import Account
from distillgate.campaign.examine import ExamineSettings
from distillgate.campaign.group import Group
from distillgate.campaign.jobs import complete
from distillgate.campaign.keys import Kind
from distillgate.campaign.pool import Pool
from distillgate.campaign.sketch_table import SketchTable, Text
from distillgate.campaign.table import GroupTable
from distillgate.campaign.template import TemplateIndex, TemplateSettings
from distillgate.dialects.chat import CHAT
from distillgate.fingerprint.sketch import LARGEST, STYLE, TOPIC, Sketch
from distillgate.wire.request import from_document

Vector = NDArray[np.float64]


class Service:
    """A pool, and accounts that draw."""

    def __init__(self, seed: int = 1) -> None:
        self.members = SketchTable(10_000)
        self.table = GroupTable(1000, self.members, TemplateIndex(TemplateSettings()))
        self.pool = Pool(self.members, self.table, hash, ExamineSettings().search)
        self.dice = np.random.default_rng(seed)
        self.now = 0.0
        self.rows: dict[int, int] = {}

    def person(self, spread: float = 1.0) -> tuple[Vector, Vector]:
        """Give a subject and a manner of one's own."""
        return 0.5 * spread * self.dice.normal(0, 1, TOPIC), spread * self.dice.normal(0, 1, STYLE)

    def draw(self, principal: int, own: tuple[Vector, Vector], item: Vector | None = None) -> None:
        subject, manner = own
        topic = subject + (self.dice.normal(0, 1, TOPIC) if item is None else item)
        style = LARGEST * (0.5 + 0.05 * (manner + self.dice.normal(0, 1, STYLE)))
        sketch = Sketch(
            (topic / np.linalg.norm(topic)).astype(np.float32), style.astype(np.float32)
        )
        row = self.rows.setdefault(principal, -1)
        if row < 0:
            row = self.rows[principal] = self.members.allot(principal)
        self.now += 60.0
        self.pool.draw(
            principal, row, Text.of(sketch, int(self.dice.integers(2)), self.now), self.now
        )

    def deal(self, principals: Iterable[int], rounds: int, **own: Any) -> None:
        """Let principals draw in turn, from one deck or each of its own."""
        people = {principal: own.get("of", self.person)() for principal in principals}
        for _ in range(rounds):
            for principal, person in people.items():
                self.draw(principal, person)

    def search(self) -> list[Group]:
        return complete(self.pool.examine(self.now))

    def of(self, principal: int, *, goes_on: bool = False) -> list[Group]:
        """Let a principal send something that is no draw; give the hands that it lies in."""
        seen = observe(from_document(CHAT, {"model": "m", "messages": []}))
        seen = replace(seen, sent=replace(seen.sent, continues=goes_on))
        account = Account.new("a", principal, self.now)
        return list(self.pool.learn(seen, account, self.rows[principal], self.now, drawn=()))

    @property
    def hands(self) -> list[Group]:
        return [group for group in self.table if group.kind is Kind.HAND]


def nobody() -> tuple[Vector, Vector]:
    return np.zeros(TOPIC), np.zeros(STYLE)


PEOPLE, HARVEST = range(1, 301), range(1001, 1101)


def mixed() -> Service:
    """Three hundred people, and a hundred accounts of one hand."""
    service = Service()
    service.deal(PEOPLE, 10)
    service.deal(HARVEST, 10, of=nobody)
    return service


def restarted(service: Service) -> Service:
    """Write all that is kept, and read it."""
    again = Service()
    again.now, again.rows = service.now, service.rows
    moved(service.members, again.members)
    for piece in service.table.dump(()):
        again.table.load(piece)
    parts = again.pool.parts()
    for name, part in service.pool.parts().items():
        moved(part, parts[name])
    return again
