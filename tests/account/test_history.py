"""What was done to an account: the newest events, the oldest goes."""

from distillgate.account.history import EVENTS, Event, remember


def test_the_newest_events_are_kept() -> None:
    history: list[Event] | None = None
    for number in range(EVENTS + 3):
        history = remember(history, Event(float(number), "restricted"))

    assert history is not None
    assert [event.at for event in history] == [float(n) for n in range(3, EVENTS + 3)]
