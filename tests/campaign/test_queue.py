import pytest
from tests.campaign.test_examine import ALONE, SETTINGS
from tests.campaign.test_summary import group_of

from distillgate.campaign.evidence import Evidence
from distillgate.campaign.examine import examine
from distillgate.campaign.group import Group
from distillgate.campaign.jobs import Job
from distillgate.campaign.queue import Queue
from distillgate.campaign.sketch_table import SketchTable

MEMBERS = SketchTable(1000)


def examined(group: Group, now: float) -> Job[Evidence]:
    return examine(group, ALONE, MEMBERS, SETTINGS, now)


def test_a_group_waits_once_until_it_is_examined() -> None:
    queue, group = Queue(examined, SETTINGS), group_of(MEMBERS, 20)
    queue.add(group)
    queue.add(group)
    assert list(queue) == [group]

    while (done := queue.examine_next(5.0)) is None:
        assert not queue.at_rest

    assert done is group
    assert done.evidence is not None
    assert done.due == int(60 * SETTINGS.growth)
    assert (len(queue), queue.at_rest) == (0, True)
    queue.add(group)
    assert len(queue) == 0


def test_what_other_cells_saw_makes_a_group_due() -> None:
    queue, group = Queue(examined, SETTINGS), group_of(MEMBERS, 2)
    queue.add(group)
    assert len(queue) == 0

    group.elsewhere = SETTINGS.first_exchanges
    queue.add(group)

    assert len(queue) == 1


def test_a_group_that_cannot_be_examined_does_not_keep_the_others_waiting() -> None:
    good, bad = group_of(MEMBERS, 20), group_of(MEMBERS, 20)

    def failing(group: Group, now: float) -> Job[Evidence]:
        if group is bad:
            raise ValueError("cannot be examined")
        return examined(group, now)

    queue = Queue(failing, SETTINGS)
    queue.add(bad)
    queue.add(good)

    with pytest.raises(ValueError, match="examined"):
        queue.examine_next(5.0)

    assert list(queue) == [good]
    assert queue.at_rest
