"""Every entry once, in its order; and what of one's own is applied early is not applied twice."""

import asyncio
from typing import Any

import pytest
from tests.engine.conftest import make_engine

from distillgate.engine.engine import Engine
from distillgate.engine.entries import Order
from distillgate.log.applier import Applier, Fold, Offsets
from distillgate.log.log import Batch, DamagedError, Placed
from distillgate.log.outbox import Outbox
from distillgate.records import encode


class Heard:
    """What was counted, and what went wrong."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self.errors: list[str] = []

    def logged(self, what: str, entries: int) -> None:
        self.counts[what] = self.counts.get(what, 0) + entries

    def event(self, name: str, **fields: Any) -> None:
        raise AssertionError(name, fields)

    def log_state(self, *, local: bool, lag: float, backlog: int) -> None:
        raise AssertionError

    def failed(self, where: str, error: BaseException) -> None:
        self.errors.append(where)


class Bench:
    """An applier, and what its engine obeyed."""

    def __init__(self, due: int = 1 << 40) -> None:
        self.engine: Engine = make_engine()
        self.obeyed: list[float] = []
        self.engine.obeyed = lambda order: self.obeyed.append(order.at)
        self.heard, self.outbox = Heard(), Outbox(1, 1 << 20)
        self.snapshots: list[int] = []
        self.applier = Applier(self.engine, self.outbox, self.heard, self._rested)
        self.applier.due = due

    async def _rested(self, fold: Fold) -> None:
        self.snapshots.append(fold.applied)
        self.applier.due += 10

    def run(self, *batches: Placed) -> None:
        async def play() -> None:
            for placed in batches:
                await self.applier.take(placed)

        asyncio.run(play())


def order(at: float) -> Order:
    return Order(at, "kill")


def batch(position: str, origin: int, number: int, *entries: Any, at: float = 1e9) -> Placed:
    written = [one if isinstance(one, bytes) else encode(order(one)) for one in entries]
    return Placed(position, at, encode(Batch(origin, number, written)))


def test_what_was_applied_is_left_out_and_what_never_came_is_counted() -> None:
    bench = Bench()
    bench.run(
        batch("1", 2, 1, 1.0, 2.0),
        batch("2", 2, 1, 1.0, 2.0, 3.0),
        batch("3", 3, 50, 4.0),
        batch("4", 2, 6, 5.0),
    )

    assert bench.obeyed == [1.0, 2.0, 3.0, 4.0, 5.0]
    assert bench.heard.counts == {"applied": 5, "lost": 2}
    assert bench.applier.fold.position == "4"


def test_an_entry_is_no_later_than_its_batch() -> None:
    bench = Bench()
    bench.run(batch("1", 2, 1, 9.0, at=5.0))

    assert bench.applier.fold.now == 5.0


def test_an_entry_that_is_none_costs_itself_alone_and_a_batch_that_is_none_is_told() -> None:
    bench = Bench()
    bench.run(batch("1", 2, 1, b"\xc1", 2.0))

    assert bench.obeyed == [2.0]
    assert bench.heard.counts == {"damaged": 1, "applied": 1}
    with pytest.raises(DamagedError, match="the batch at 2"):
        bench.run(Placed("2", 1.0, b""))


def test_ones_own_is_applied_once_and_let_go_when_it_came_back() -> None:
    bench = Bench()
    for at in (1.0, 2.0):
        bench.outbox.add(order(at), encode(order(at)), 0.0)
    bench.run(batch("1", 1, 1, 1.0))
    assert len(bench.outbox) == 1
    asyncio.run(bench.applier.take_own())
    assert bench.applier.fold.stale
    bench.run(batch("2", 1, 2, 2.0))

    assert bench.obeyed == [1.0, 2.0]
    assert len(bench.outbox) == 0


def test_under_load_others_have_their_turn_while_ones_own_is_applied_early() -> None:
    """Each entry that is applied brings another, as under a load that is all that can be borne."""
    bench = Bench()

    def obeyed(one: Order) -> None:
        bench.obeyed.append(one.at)
        if len(bench.obeyed) < 1000:
            bench.outbox.add(order(one.at + 1), encode(order(one.at + 1)), 0.0)

    bench.engine.obeyed = obeyed
    bench.outbox.add(order(1.0), encode(order(1.0)), 0.0)
    asyncio.run(bench.applier.take_own())
    assert bench.obeyed == [1.0]
    asyncio.run(bench.applier.take_own())
    assert bench.obeyed == [1.0, 2.0]


def test_own_entries_that_the_log_lost_are_given_up() -> None:
    bench = Bench()
    for at in (1.0, 2.0, 3.0):
        bench.outbox.add(order(at), encode(order(at)), 0.0)
    bench.run(batch("1", 1, 3, 3.0))

    assert bench.obeyed == [3.0]
    assert bench.heard.counts == {"dropped": 2, "applied": 1}


def test_a_snapshot_is_taken_between_two_entries_when_it_is_due() -> None:
    bench = Bench(due=3)
    bench.run(batch("1", 2, 1, 1.0, 2.0, 3.0, 4.0))

    assert bench.snapshots == [3]
    assert bench.applier.fold.applied == 4


def test_another_fold_takes_over_and_own_entries_that_it_lacks_come_again() -> None:
    bench = Bench()
    for at in (1.0, 2.0):
        bench.outbox.add(order(at), encode(order(at)), 0.0)
    asyncio.run(bench.applier.take_own())
    fold = Fold(bench.engine.blank())

    async def play() -> None:
        await bench.applier.replay(fold, batch("1", 1, 1, 1.0))
        await bench.applier.adopt(fold)

    asyncio.run(play())
    assert bench.engine.state is fold.state
    assert [(sent.number, sent.applied) for sent in bench.outbox] == [(2, False)]
    bench.run(batch("2", 1, 2, 2.0))
    assert not bench.applier.fold.stale
    assert bench.obeyed == [1.0, 2.0, 2.0]


def test_numbers_that_never_came_are_counted_of_those_who_are_known() -> None:
    offsets = Offsets()
    assert offsets.missing(Batch(1, 90, [b""])) == 0, "it may have begun long before this process"
    offsets.note(1, 4)

    assert offsets.number(1) == 4
    assert offsets.number(2) == 0
    assert offsets.missing(Batch(1, 5, [b""])) == 0
    assert offsets.missing(Batch(1, 8, [b""])) == 3
    assert offsets.missing(Batch(1, 2, [b""])) == 0


def test_they_come_back_and_who_was_heard_of_longest_ago_is_forgotten() -> None:
    offsets = Offsets()
    for origin in range(1025):
        offsets.note(origin, 7)
    again = Offsets(offsets.dump())

    assert [again.number(origin) for origin in (0, 1, 1024)] == [0, 7, 7]
    assert again.dump() == offsets.dump()
