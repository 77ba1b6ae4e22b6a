"""Every entry is learned once, whatever is given again, and where one is can be kept."""

import asyncio
import math

import pytest

from distillgate.errors import StoreError
from distillgate.fleet.learning import Learning
from distillgate.fleet.outbox import Outbox
from distillgate.fleet.transport import Batch, Envelope


class Pupil:
    """Learns words, and counts what it is told."""

    def __init__(self) -> None:
        self.learned: list[tuple[str, float, bool]] = []
        self.counts: list[tuple[str, int]] = []
        self.outbox: Outbox[str] = Outbox(9, 1 << 20)
        self.learning = Learning(self._learn, _decode, self.outbox, self)

    def shared(self, what: str, entries: int) -> None:
        if what != "learned":
            self.counts.append((what, entries))

    def failed(self, where: str, error: BaseException) -> None:
        self.counts.append((where, 1))

    def take(self, *batches: Batch) -> None:
        async def take() -> None:
            self.learning.start()
            for batch in batches:
                await self.learning.take(batch)

        asyncio.run(take())

    def take_own(self) -> None:
        async def take() -> None:
            self.learning.start()
            await self.learning.take_own()

        asyncio.run(take())

    @property
    def words(self) -> list[str]:
        return [word for word, _, _ in self.learned]

    def _learn(self, word: str, now: float, own: bool) -> None:
        self.learned.append((word, now, own))


def _decode(data: bytes) -> str:
    if data == b"damaged":
        raise StoreError("damaged")
    return data.decode()


def _batch(position: str, *envelopes: tuple[int, int, str], at: float = 50.0) -> Batch:
    written = [
        Envelope(origin, number, 40.0 + number, word.encode()) for origin, number, word in envelopes
    ]
    return Batch(position, at, written)


def test_an_entry_is_learned_at_its_own_time_but_never_later_than_its_batch() -> None:
    pupil = Pupil()
    pupil.take(_batch("1", (1, 1, "a"), (1, 20, "b")))

    assert pupil.learned == [("a", 41.0, False), ("b", 50.0, False)]
    assert pupil.learning.position == "1"


def test_what_is_given_again_is_left_out_and_what_is_missing_counted() -> None:
    pupil = Pupil()
    pupil.take(_batch("1", (1, 1, "a"), (1, 2, "b")), _batch("2", (1, 1, "a"), (1, 4, "d")))

    assert pupil.words == ["a", "b", "d"]
    assert pupil.counts == [("lost", 1)]


def test_own_entries_are_learned_once_whether_they_come_back_or_not() -> None:
    pupil = Pupil()
    for word in ("a", "b"):
        pupil.outbox.add(word, word.encode(), 45.0, 0.0)
    pupil.take(_batch("1", (9, 1, "a")))
    pupil.take_own()
    pupil.take(_batch("2", (9, 2, "b")))

    assert pupil.learned == [("a", 41.0, True), ("b", 45.0, True)]
    assert len(pupil.outbox) == 0


def test_own_entries_that_the_journal_lost_are_learned_before_the_next_that_comes_back() -> None:
    pupil = Pupil()
    for word in ("a", "b", "c", "d", "e"):
        pupil.outbox.add(word, word.encode(), 45.0, 0.0)
    pupil.take(_batch("1", (9, 3, "c")), _batch("2", (9, 4, "d")))

    assert pupil.words == ["a", "b", "c", "d"]
    assert pupil.counts == [("dropped", 2)]
    assert len(pupil.outbox) == 1


def test_a_mark_is_where_another_goes_on() -> None:
    pupil, other = Pupil(), Pupil()
    pupil.take(_batch("1", (1, 1, "a"), (2, 7, "b")))
    other.learning.resume(pupil.learning.mark())
    other.take(_batch("2", (1, 1, "a"), (2, 8, "c")))

    assert other.words == ["c"]
    assert other.learning.position == "2"


def test_an_empty_mark_is_the_beginning() -> None:
    pupil = Pupil()
    pupil.learning.resume("")

    assert pupil.learning.position is None


@pytest.mark.parametrize("mark", ["no mark", "{}", '[5, "[]"]', '["1-1", "no numbers"]'])
def test_what_is_no_mark_is_an_error_and_changes_nothing(mark: str) -> None:
    pupil = Pupil()
    with pytest.raises(StoreError):
        pupil.learning.resume(mark)

    assert pupil.learning.position is None


def test_a_time_that_is_no_number_is_the_batchs() -> None:
    pupil = Pupil()
    pupil.take(Batch("1", 50.0, [Envelope(1, 1, math.nan, b"a")]))

    assert pupil.learned == [("a", 50.0, False)]


def test_the_clock_stands_while_nothing_may_be_learned() -> None:
    async def play() -> None:
        learning = Pupil().learning
        learning.start()
        began = learning.clock()
        while (before := learning.clock()) == began:
            pass
        async with learning.still():
            stands = learning.clock()
            await asyncio.sleep(0.02)
            assert learning.clock() == stands >= before
        while learning.clock() == stands:
            pass
        assert learning.clock() > stands

    asyncio.run(play())


def test_what_cannot_be_read_is_counted_and_passed_over() -> None:
    pupil = Pupil()
    pupil.take(_batch("1", (1, 1, "a"), (1, 2, "damaged"), (1, 3, "c")))

    assert pupil.words == ["a", "c"]
    assert pupil.counts == [("damaged", 1)]
