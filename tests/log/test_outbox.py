"""What was written is kept until it comes back, within bounds."""

from distillgate.engine.entries import Order
from distillgate.log.outbox import Outbox, Patience, Sent
from distillgate.records import encode

PLENTY = 1 << 20
ENTRY = Order(1.0, "kill")


def _add(outbox: Outbox, since: float = 0.0) -> list[Sent]:
    return outbox.add(ENTRY, b"x" * 100, since)


def _filled(entries: int, limit: int = PLENTY) -> Outbox:
    outbox = Outbox(9, limit)
    for number in range(1, entries + 1):
        _add(outbox, float(number))
    return outbox


def _numbers(outbox: Outbox, limit: int = PLENTY) -> list[int]:
    return [sent.number for sent in outbox.batch(limit)]


def test_entries_are_numbered_from_one_and_appended_once() -> None:
    outbox = _filled(3)

    assert outbox.waiting
    assert _numbers(outbox) == [1, 2, 3]
    outbox.appended(3)
    assert not outbox.waiting
    assert outbox.first_waiting is None
    _add(outbox)
    assert _numbers(outbox) == [4]
    assert outbox.first_waiting is not None
    assert outbox.first_waiting.number == 4


def test_a_batch_is_some_bytes_and_one_entry_at_least() -> None:
    outbox = _filled(5)

    assert _numbers(outbox, limit=250) == [1, 2]
    assert _numbers(outbox, limit=1) == [1]


def test_what_has_not_come_back_is_appended_again() -> None:
    outbox = _filled(5)
    outbox.appended(4)
    outbox.returned(2)
    outbox.again()

    assert _numbers(outbox) == [3, 4, 5]
    assert outbox.get(2) is None
    found = outbox.after(3)
    assert found is not None
    assert found.number == 4


def test_what_came_back_is_not_appended_again_even_when_nobody_heard_that_it_was() -> None:
    outbox = _filled(3)
    outbox.returned(2)

    assert _numbers(outbox) == [3]
    assert outbox.oldest is not None
    assert outbox.oldest.since == 3.0
    outbox.returned(3)
    assert outbox.oldest is None
    assert (len(outbox), outbox.bytes) == (0, 0)


def test_the_oldest_go_when_there_are_too_many_bytes() -> None:
    outbox = _filled(3, limit=1000)

    assert [[sent.number for sent in _add(outbox)] for _ in range(2)] == [[1], [2]]
    assert outbox.bytes <= 1000
    assert _numbers(outbox) == [3, 4, 5]


def test_of_many_that_wait_the_newest_alone_are_kept_as_objects() -> None:
    outbox = Outbox(9, PLENTY)
    for number in range(3000):
        order = Order(float(number), "kill")
        outbox.add(order, encode(order), 0.0)

    assert sum(sent.read is not None for sent in outbox) <= 1024
    assert [sent.entry.at for sent in outbox] == [float(number) for number in range(3000)]


def test_each_time_soon_after_the_last_doubles_it_up_to_a_bound() -> None:
    patience, now, told = Patience(1.0), 0.0, []
    for _ in range(8):
        assert patience.change(local=True, now=now)
        told.append(patience.seconds)
        assert patience.change(local=False, now=now + 1.0)
        now += 2.0

    assert told == [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 32.0, 32.0]


def test_after_a_calm_minute_it_is_as_ever() -> None:
    patience = Patience(0.5)
    for now in (0.0, 5.0, 100.0):
        patience.change(local=True, now=now)
        assert not patience.change(local=True, now=now)
        patience.change(local=False, now=now + 1.0)

    assert patience.seconds == 0.5
    assert not patience.local


def test_it_is_over_when_the_log_takes_nothing_or_gives_nothing_back() -> None:
    patience, outbox = Patience(1.0), Outbox(1, 1 << 20)
    assert not patience.over(outbox, 100.0, 100.0), "nothing waits"
    outbox.add(Order(0.0, "kill"), b"", 5.0)

    assert not patience.over(outbox, 6.0, 100.0)
    assert patience.over(outbox, 6.1, 0.0), "it is not taken"
    outbox.appended(1)
    assert not patience.over(outbox, 6.1, 0.5), "the log is slow, and works"
    assert patience.over(outbox, 6.1, 1.5)
    outbox.returned(1)
    assert not patience.over(outbox, 100.0, 100.0)
