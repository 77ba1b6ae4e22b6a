"""What was written is kept until it comes back, within bounds."""

from distillgate.fleet.outbox import Outbox

PLENTY = 1 << 20


def _filled(entries: int, limit: int = PLENTY) -> Outbox[str]:
    outbox: Outbox[str] = Outbox(9, limit)
    for number in range(1, entries + 1):
        outbox.add(f"entry {number}", b"x" * 100, 50.0 + number, float(number))
    return outbox


def _numbers(outbox: Outbox[str], limit: int = PLENTY) -> list[int]:
    return [envelope.number for envelope in outbox.batch(limit)]


def test_entries_are_numbered_from_one_and_appended_once() -> None:
    outbox = _filled(3)

    assert outbox.waiting
    assert _numbers(outbox) == [1, 2, 3]
    outbox.appended(3)
    assert not outbox.waiting
    outbox.add("entry 4", b"", 54.0, 4.0)
    assert _numbers(outbox) == [4]


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


def test_what_came_back_is_not_appended_again_even_when_nobody_heard_that_it_was() -> None:
    outbox = _filled(3)
    outbox.returned(2)

    assert _numbers(outbox) == [3]
    assert outbox.oldest == 3.0


def test_the_oldest_go_when_there_are_too_many_bytes() -> None:
    outbox = _filled(3, limit=1000)
    dropped = [outbox.add(f"entry {n}", b"x" * 100, 0.0, 0.0) for n in (4, 5)]

    assert dropped == [1, 1]
    assert outbox.bytes <= 1000
    assert _numbers(outbox) == [3, 4, 5]
    assert outbox.get(2) is None
    assert outbox.oldest == 1.0


def test_one_entry_is_kept_however_long_it_is() -> None:
    outbox = _filled(2, limit=10)

    assert _numbers(outbox) == [2]


def test_an_entry_is_found_by_its_number() -> None:
    outbox = _filled(4)
    outbox.returned(1)

    found, following = outbox.get(3), outbox.after(3)
    assert found is not None
    assert following is not None
    assert (found.entry, following.entry) == ("entry 3", "entry 4")
    assert outbox.after(4) is None
    assert outbox.get(1) is None


def test_nothing_is_left_when_all_came_back() -> None:
    outbox = _filled(4)
    outbox.returned(4)

    assert (len(outbox), outbox.bytes, outbox.oldest, outbox.waiting) == (0, 0, None, False)
    outbox.again()
    assert not outbox.waiting
