from typing import ClassVar

import pytest

from distillgate.actions.draft import Draft
from distillgate.actions.pace import Pacer, PaceSettings, pace
from distillgate.dialects.chat import CHAT
from distillgate.wire.request import from_document

EVENT = b"data: {}\n\n"


def test_events_come_at_the_rate_after_the_burst() -> None:
    pacer, now = Pacer(PaceSettings(events_per_second=10.0, burst=5.0), 100.0), 100.0
    waits = []
    for _ in range(25):
        waits.append(pacer.wait(EVENT, now))
        now += waits[-1]

    assert waits[:5] == [0.0] * 5
    assert waits[5:] == pytest.approx([0.1] * 20)


def test_a_chunk_of_many_events_waits_for_them_all() -> None:
    pacer = Pacer(PaceSettings(events_per_second=10.0, burst=5.0), 0.0)

    assert pacer.wait(EVENT * 25, 0.0) == pytest.approx(2.0)


class Short(PaceSettings):
    """Answers are held back for a few seconds."""

    max_seconds: ClassVar[float] = 7.5


def test_an_answer_is_held_back_no_longer_than_the_bound() -> None:
    pacer, now = Pacer(Short(events_per_second=1.0, burst=1.0), 0.0), 0.0
    waits = [pacer.wait(EVENT * 5, now) for _ in range(9)]

    assert sum(waits) == pytest.approx(7.5)
    assert waits[-1] == 0.0


def test_what_comes_slowly_anyway_is_not_slowed() -> None:
    pacer = Pacer(PaceSettings(events_per_second=10.0, burst=1.0), 0.0)

    assert [pacer.wait(EVENT, 0.2 * n) for n in range(50)] == [0.0] * 50


@pytest.mark.parametrize("stream", [True, False])
def test_only_streams_are_paced(stream: bool) -> None:
    draft = Draft(from_document(CHAT, {"stream": stream}))
    pace(draft, PaceSettings())

    assert (draft.pace is not None) == stream
    assert draft.done == [], "nothing is slowed yet"
    assert not draft.changed
