"""To and fro makes a process more patient; calm makes it as patient as ever."""

from distillgate.engine.entries import Order
from distillgate.log.outbox import Outbox
from distillgate.log.patience import Patience


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
