"""What each learned is learned by all in one order; a journal that fails costs freshness alone."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

from benchmarks.valkey import Valkey, detour
from tests.fleet.conftest import Journal, MemoryTransport, redis_settings

from distillgate.asgi.context import Clock
from distillgate.errors import StoreError
from distillgate.fleet.redis import RedisTransport
from distillgate.fleet.share import Share, ShareSettings
from distillgate.fleet.transport import Envelope, Transport

HOUR = 3600.0
QUICK = {"collect_seconds": 0.001, "patience_seconds": 0.2, "timeout_seconds": 0.5}


class Process:
    """One process that shares texts: what it learned, and what it was told."""

    def __init__(self, transport: Transport, clock: Callable[[], float], **settings: float) -> None:
        self.learned: list[str] = []
        self.times: list[float] = []
        self.own: list[str] = []
        self.events: list[tuple[str, dict[str, Any]]] = []
        self.counts: dict[str, int] = {}
        self.errors: list[str] = []
        self.looks = 0
        self.clock = Clock(clock)
        self.share: Share[str] = Share(
            ShareSettings.model_validate({**QUICK, **settings}),
            transport,
            self._learn,
            encode=str.encode,
            decode=_decode,
            clock=self.clock,
            observer=self,
        )

    def say(self, *texts: str) -> None:
        for text in texts:
            self.share.publish(text)

    def heard(self, name: str) -> bool:
        return name in [event for event, _ in self.events]

    def event(self, name: str, **fields: Any) -> None:
        self.events.append((name, fields))

    def failed(self, where: str, error: BaseException) -> None:
        self.errors.append(where)

    def shared(self, what: str, entries: int) -> None:
        self.counts[what] = self.counts.get(what, 0) + entries

    def fleet(self, *, local: bool, lag: float, backlog: int) -> None:
        self.looks += 1
        assert lag >= 0
        assert backlog >= 0

    def _learn(self, text: str, now: float, own: bool) -> None:
        if text == "unlearnable":
            raise ValueError(text)
        self.learned.append(text)
        self.times.append(now)
        if own:
            self.own.append(text)


def _decode(data: bytes) -> str:
    if data == b"damaged":
        raise StoreError("damaged")
    return data.decode()


@contextlib.asynccontextmanager
async def _running(*processes: Process) -> AsyncIterator[None]:
    await asyncio.gather(*(process.share.start() for process in processes))
    try:
        yield
    finally:
        for process in processes:
            await process.share.close()


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 - of two event loops, or none
            await asyncio.sleep(0.005)


def _pair(journal: Journal, **settings: float) -> tuple[Process, Process]:
    one, other = (
        Process(MemoryTransport(journal), lambda: journal.now, **settings) for _ in range(2)
    )
    return one, other


def test_all_learn_everything_in_one_order_at_one_time(journal: Journal) -> None:
    async def play() -> None:
        one, other = _pair(journal)
        async with _running(one, other):
            for number in range(50):
                one.say(f"one {number}")
                other.say(f"other {number}")
                journal.now += 0.01
                await asyncio.sleep(0.001 * (number % 3))
            await _until(lambda: len(one.learned) == len(other.learned) == 100)

        assert one.learned == other.learned
        assert one.times == other.times
        assert one.own == [text for text in one.learned if text.startswith("one")]
        assert other.own == [f"other {number}" for number in range(50)]
        assert one.counts == {"sent": 50, "learned": 100}

    asyncio.run(play())


def test_nothing_is_learned_before_it_comes_back(journal: Journal) -> None:
    async def play() -> None:
        one, _ = _pair(journal)
        async with _running(one):
            await asyncio.sleep(0)
            one.say("a")
            assert one.learned == []
            await _until(lambda: one.learned == ["a"])
            assert not one.share.local

    asyncio.run(play())


def test_who_comes_later_learns_what_is_kept(journal: Journal) -> None:
    async def play() -> None:
        one, other = _pair(journal)
        async with _running(one):
            one.say("a", "b", "c")
            await _until(lambda: len(one.learned) == 3)
        async with _running(other):
            await _until(lambda: other.learned == ["a", "b", "c"])
        assert other.own == []

    asyncio.run(play())


def test_an_append_that_failed_after_it_happened_counts_once(journal: Journal) -> None:
    class Doubtful(MemoryTransport):
        tries = 0

        async def append(self, envelopes: list[Envelope]) -> float:
            self.tries += 1
            at = await super().append(envelopes)
            if self.tries < 3:
                await super().append(envelopes)
                raise StoreError("the answer was lost")
            return at

    async def play() -> None:
        one = Process(Doubtful(journal), lambda: journal.now)
        other = Process(MemoryTransport(journal), lambda: journal.now)
        async with _running(one, other):
            one.say("a", "b")
            await _until(lambda: len(other.learned) >= 2)
            one.say("c")
            await _until(lambda: other.learned[2:] == ["c"] and one.learned == other.learned)
        assert sum(len(batch.envelopes) for batch in journal.batches) == 6

    asyncio.run(play())


def test_what_was_appended_and_is_lost_is_appended_again(journal: Journal) -> None:
    class Forgetful(MemoryTransport):
        tries = 0

        async def append(self, envelopes: list[Envelope]) -> float:
            self.tries += 1
            return await super().append(envelopes) if self.tries > 1 else self.journal.now

    async def play() -> None:
        one = Process(Forgetful(journal), lambda: journal.now)
        other = Process(MemoryTransport(journal), lambda: journal.now)
        async with _running(one, other):
            one.say("a", "b")
            await _until(lambda: other.learned == ["a", "b"] and not one.share.local)
        assert one.learned == ["a", "b"]

    asyncio.run(play())


def test_without_a_journal_ones_own_is_learned_at_once_and_by_others_later(
    journal: Journal,
) -> None:
    async def play() -> None:
        one, other = _pair(journal)
        journal.broken = True
        async with _running(one, other):
            one.say("a", "b")
            await _until(lambda: one.learned == ["a", "b"])
            assert one.share.local
            one.say("c")
            await _until(lambda: one.learned == ["a", "b", "c"])
            assert other.learned == []
            journal.broken = False
            await _until(lambda: other.learned == ["a", "b", "c"] and not one.share.local)
            one.say("d")
            await _until(lambda: other.learned == one.learned == ["a", "b", "c", "d"])
        assert one.times[:3] == other.times[:3]
        assert [name for name, _ in one.events].count("fleet_lost") == 1
        assert one.heard("fleet_back")
        assert one.counts["learned"] == other.counts["learned"] == 4

    asyncio.run(play())


def test_what_a_long_failure_leaves_no_room_for_is_counted_as_dropped_and_lost(
    journal: Journal,
) -> None:
    async def play() -> None:
        one, other = _pair(journal, backlog_bytes=12_000)
        async with _running(one, other):
            one.say("first")
            await _until(lambda: other.learned == ["first"])
            journal.broken = True
            one.say("0")
            await _until(lambda: one.share.local)
            for number in range(1, 300):
                one.say(f"{number}")
                await asyncio.sleep(0.002)
            await _until(lambda: len(one.learned) == 301)
            journal.broken = False
            await _until(lambda: other.learned[-1] == "299")
        assert 0 < len(other.learned) < 301
        assert one.counts["dropped"] == other.counts["lost"] == 301 - len(other.learned)

    asyncio.run(play())


def test_a_damaged_entry_and_one_that_cannot_be_learned_stop_nothing(journal: Journal) -> None:
    async def play() -> None:
        one, other = _pair(journal)
        async with _running(one, other):
            one.say("a", "damaged", "unlearnable", "b")
            await _until(lambda: other.learned[1:] == ["b"])
        assert other.counts["damaged"] == 1
        assert other.errors == ["learn"]

    asyncio.run(play())


def test_a_journal_that_does_not_reach_back_is_told_and_read_from_its_beginning(
    journal: Journal,
) -> None:
    async def play() -> None:
        one, other = _pair(journal)
        async with _running(one):
            for text in ("a", "b", "c", "d"):
                one.say(text)
                await _until(lambda: not one.share.waiting)
        other.share.learning.position = journal.batches[0].position
        other.share.learning._seen.note(journal.batches[0].envelopes[0])
        journal.forget(2)
        async with _running(other):
            await _until(lambda: other.learned == ["c", "d"])
        assert other.heard("fleet_gap")
        assert other.counts["lost"] == 1

    asyncio.run(play())


def test_while_it_is_still_nothing_is_learned(journal: Journal) -> None:
    async def play() -> None:
        one, other = _pair(journal)
        async with _running(one, other):
            one.say("a")
            await _until(lambda: other.learned == ["a"])
            async with other.share.learning.still():
                position = other.share.learning.position
                one.say("b")
                await _until(lambda: one.learned == ["a", "b"])
                assert other.learned == ["a"]
                assert other.share.learning.position == position
            await _until(lambda: other.learned == ["a", "b"])

    asyncio.run(play())


def test_what_only_waits_for_stillness_is_not_overdue(journal: Journal) -> None:
    async def play() -> None:
        one, _ = _pair(journal)
        async with _running(one):
            async with one.share.learning.still():
                one.say("a")
                looks = one.looks
                await _until(lambda: one.looks >= looks + 12)  # three times its patience
            await _until(lambda: one.learned == ["a"])
        assert not one.heard("fleet_local")

    asyncio.run(play())


def test_a_journal_that_takes_nothing_is_told_once(journal: Journal) -> None:
    class Full(MemoryTransport):
        tries = 0

        async def append(self, envelopes: list[Envelope]) -> float:
            self.tries += 1
            if self.tries < 4:
                raise StoreError("it is full")
            return await super().append(envelopes)

    async def play() -> None:
        one = Process(Full(journal), lambda: journal.now)
        async with _running(one):
            one.say("a")
            await _until(lambda: not one.share.waiting)
        told = [name for name, _ in one.events if name != "fleet_local"]
        assert told == ["fleet_lost", "fleet_back"]

    asyncio.run(play())


def test_a_clock_that_is_wrong_agrees_with_the_journals(journal: Journal) -> None:
    async def play() -> None:
        late = Process(MemoryTransport(journal), lambda: journal.now - HOUR)
        early = Process(MemoryTransport(journal), lambda: journal.now + HOUR)
        async with _running(late, early):
            await _until(
                lambda: late.share.learning.position is None and late.clock() == journal.now
            )
            late.say("late")
            early.say("early")
            await _until(lambda: len(late.learned) == len(early.learned) == 2)
        assert late.times == early.times == [journal.now] * 2

    asyncio.run(play())


def test_closing_appends_what_is_left(journal: Journal) -> None:
    async def play() -> None:
        one, other = _pair(journal, collect_seconds=60.0)
        async with _running(one):
            one.say("a")
        assert one.learned == ["a"]
        async with _running(other):
            await _until(lambda: other.learned == ["a"])

    asyncio.run(play())


def _real(url: str, prefix: str, **settings: float) -> Process:
    return Process(RedisTransport(redis_settings(url, prefix)), time.time, **settings)


def test_a_server_that_is_killed_and_begins_anew_is_found_again(
    harmed: Valkey, prefix: str
) -> None:
    async def play() -> None:
        one, other = _real(harmed.url, prefix), _real(harmed.url, prefix)
        async with _running(one, other):
            one.say("a")
            await _until(lambda: one.learned == other.learned == ["a"])
            harmed.stop()
            one.say("b")
            other.say("c")
            await _until(lambda: one.learned == ["a", "b"] and other.learned == ["a", "c"])
            harmed.start()
            await _until(lambda: len(one.learned) == len(other.learned) == 3)
            await _until(lambda: not one.share.local and not other.share.local)
            one.say("d")
            await _until(lambda: one.learned[3:] == other.learned[3:] == ["d"])

    asyncio.run(play())


def test_a_server_that_hangs_is_not_waited_for(harmed: Valkey, prefix: str) -> None:
    async def play() -> None:
        one, other = _real(harmed.url, prefix), _real(harmed.url, prefix)
        async with _running(one, other):
            one.say("a")
            await _until(lambda: one.learned == other.learned == ["a"])
            harmed.pause()
            one.say("b")
            await _until(lambda: one.learned == ["a", "b"] and one.heard("fleet_lost"))
            assert other.learned == ["a"]
            harmed.resume()
            await _until(lambda: other.learned == ["a", "b"] and not one.share.local)

    asyncio.run(play())


def test_a_slow_server_only_makes_others_learn_later(server: Valkey, prefix: str) -> None:
    async def play(url: str) -> None:
        one, other = (_real(url, prefix, patience_seconds=10, timeout_seconds=5) for _ in range(2))
        async with _running(one, other):
            for number in range(10):
                one.say(f"{number}")
                await asyncio.sleep(0.02)
            await _until(lambda: len(one.learned) == len(other.learned) == 10)
        assert one.learned == other.learned
        assert not one.heard("fleet_local")

    with detour(server.port, delay=0.25) as slow:
        asyncio.run(play(slow.url))
