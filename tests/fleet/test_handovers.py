"""Who takes from whom: from one that holds it all; with none, the first begins."""

from pathlib import Path

from distillgate.fleet.handovers import Handovers

FOLDER = Path("f")
FIRST, SECOND = (str(FOLDER / f"handover-{number}.db") for number in (1, 2))


class Told:
    """What each worker was told."""

    def __init__(self) -> None:
        self.given: list[tuple[str, str]] = []
        self.removed: list[str] = []
        self.answered: list[tuple[str, int, str | None]] = []
        self.handovers: Handovers[str] = Handovers(
            FOLDER,
            give=lambda *said: self.given.append(said),
            answer=lambda *said: self.answered.append(said),
            remove=self.removed.append,
        )


def test_where_nobody_holds_the_first_begins_and_the_others_take_from_it() -> None:
    told = Told()
    told.handovers.take("b", 7, first=False)
    assert told.answered == []
    told.handovers.take("a", 5, first=True)
    assert told.answered == [("a", 5, None)]
    told.handovers.hold("a")
    assert told.given == [("a", FIRST)]
    told.handovers.given(FIRST, whole=True)
    assert told.answered[1:] == [("b", 7, FIRST)]


def test_the_first_too_takes_where_somebody_holds() -> None:
    told = Told()
    told.handovers.hold("b")
    told.handovers.take("a", 1, first=True)
    assert (told.given, told.answered) == ([("b", FIRST)], [])


def test_who_waits_for_one_that_dies_takes_from_another() -> None:
    told = Told()
    told.handovers.hold("a")
    told.handovers.hold("b")
    told.handovers.take("c", 1, first=False)
    told.handovers.leave("a")
    assert told.given == [("a", FIRST), ("b", SECOND)]
    told.handovers.given(FIRST, whole=True)
    assert told.answered == []
    told.handovers.given(SECOND, whole=True)
    assert told.answered == [("c", 1, SECOND)]
    assert told.removed == [FIRST, FIRST]


def test_who_gets_nothing_begins_with_nothing() -> None:
    told = Told()
    told.handovers.hold("a")
    told.handovers.take("b", 3, first=False)
    told.handovers.given(FIRST, whole=False)
    assert told.answered == [("b", 3, None)]
    assert told.removed == [FIRST]


def test_who_dies_meanwhile_is_told_nothing() -> None:
    told = Told()
    told.handovers.take("c", 1, first=False)
    told.handovers.leave("c")
    told.handovers.hold("a")
    told.handovers.take("b", 3, first=False)
    told.handovers.leave("b")
    told.handovers.given(FIRST, whole=True)
    assert told.given == [("a", FIRST)]
    assert told.answered == []
    assert told.removed == [FIRST]


def test_a_file_whose_reader_dies_is_deleted() -> None:
    told = Told()
    told.handovers.hold("a")
    told.handovers.take("b", 3, first=False)
    told.handovers.given(FIRST, whole=True)
    told.handovers.leave("a")
    assert told.removed == []
    told.handovers.leave("b")
    assert told.removed == [FIRST]
