"""Of what is told again the newest version counts; and no source takes up the others' room."""

from itertools import permutations
from typing import Any

import pytest
from tests.intel.telling import LABS, bundle, indicator

from distillgate.account.windows import DAY
from distillgate.intel.community import moment
from distillgate.intel.received import Received, Trust, receive

NOW = 1.8e9
NAME = indicator()


def objects(sender: str = "a lab", opinion: str | None = None) -> list[dict[str, Any]]:
    return list(bundle(sender, NOW, opinion)["objects"])


def of(kind: str, made: list[dict[str, Any]]) -> dict[str, Any]:
    return next(one for one in made if one["type"] == kind)


def version(made: dict[str, Any], day: int, **changes: Any) -> dict[str, Any]:
    return made | {"modified": moment(at(day))} | changes


def at(day: int) -> float:
    return NOW + (day - 20_000) * DAY


def received(*made: dict[str, Any], known: dict[tuple[str, str], float] | None = None) -> Received:
    everybody = [of("identity", objects(sender)) for sender in ("a lab", "another lab")]
    return receive([*everybody, *made], Trust(LABS, ("a lab", "another lab"), NOW, known or {}))


INDICATOR = of("indicator", objects())
OPINION = of("opinion", objects(opinion="disagree"))


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_newest_version_of_an_indicator_counts_in_whatever_order_they_come(
    order: tuple[int, ...],
) -> None:
    versions = [
        version(INDICATOR, day, valid_until=moment(NOW + (9 - day) * DAY)) for day in range(3)
    ]
    found = received(*(versions[at] for at in order))

    [told] = found.told
    assert told.until == NOW + 7 * DAY
    assert found.left_out == {"older than another version": 2}

    benign = [*versions[:2], version(INDICATOR, 2, indicator_types=["benign"])]
    assert not received(*(benign[at] for at in order)).told
    revoked = [*versions[:2], version(INDICATOR, 2, revoked=True)]
    gone = received(*(revoked[at] for at in order))
    assert not gone.told
    assert gone.withdrawn == {NAME}


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_what_was_taken_back_stays_so_whichever_version_said_it(order: tuple[int, ...]) -> None:
    versions = [version(INDICATOR, day, revoked=day == 1) for day in range(3)]
    found = received(*(versions[at] for at in order))

    assert not found.told
    assert found.withdrawn == {NAME}
    known = {(one.source, one.id): one.modified for one in found.versions}
    assert not received(version(INDICATOR, 9), known=known).told


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
@pytest.mark.parametrize(
    ("now", "before", "disputed"), [("agree", "disagree", False), ("disagree", "agree", True)]
)
def test_the_newest_version_of_an_opinion_counts(
    order: tuple[int, ...], now: str, before: str, disputed: bool
) -> None:
    versions = [version(OPINION, 0, opinion=before), version(OPINION, 1, opinion=now)]
    found = received(INDICATOR, *(versions[at] for at in order))

    assert (found.withdrawn == {NAME}) == disputed
    assert (len(found.told) == 0) == disputed


def test_an_opinion_that_is_older_than_one_before_disputes_nothing() -> None:
    [newer] = received(version(OPINION, 1, opinion="agree")).versions
    known = {(newer.source, newer.id): newer.modified}

    assert received(INDICATOR, version(OPINION, 0), known=known).told
    assert not received(INDICATOR, version(OPINION, 2), known=known).told
    [back] = received(version(OPINION, 1, revoked=True)).versions
    assert not received(
        version(OPINION, 2), known={(back.source, back.id): back.modified}
    ).withdrawn


def test_what_one_calls_a_version_of_anothers_is_none() -> None:
    foe = of("identity", objects("another lab"))["id"]
    for changes in ({"indicator_types": ["benign"]}, {"revoked": True}):
        theirs = INDICATOR | {"created_by_ref": foe} | changes
        for both in ((INDICATOR, theirs), (theirs, INDICATOR)):
            found = received(*both)
            assert [told.source for told in found.told] == ["a lab"]
            assert [one.source for one in found.versions] == ["another lab"]

    same = received(INDICATOR | {"created_by_ref": foe}, version(INDICATOR, 5))
    assert not same.versions, "nor does it end what the other told before"
    assert received(INDICATOR, known={("another lab", NAME): NOW + 9 * DAY}).told


def test_one_that_does_not_say_when_it_was_modified_is_the_oldest() -> None:
    undated = {name: value for name, value in INDICATOR.items() if name != "modified"}
    [told] = received(INDICATOR, undated | {"valid_until": moment(NOW + DAY)}).told

    assert told.until > NOW + DAY
    assert received(undated).told


def test_a_version_of_the_future_counts_once_it_is_made() -> None:
    ahead = INDICATOR | {"modified": moment(NOW + DAY), "indicator_types": ["benign"]}
    found = received(ahead, INDICATOR)

    assert [told.modified for told in found.told] == [NOW]
    assert found.left_out == {"modified in the future": 1}
    assert not found.versions, "or nobody could correct a clock that was wrong"
    assert received(INDICATOR | {"modified": moment(NOW + 299)}).told, "clocks differ"
    assert received(INDICATOR, ahead | {"revoked": True}).withdrawn == {NAME}


def test_a_source_that_tells_of_too_many_keeps_its_newest_and_the_others_theirs() -> None:
    other = version(INDICATOR, -9, created_by_ref=of("identity", objects("another lab"))["id"])
    many = [version(INDICATOR, day, id=f"indicator--{day:036x}") for day in range(10_500)]
    found = received(*many, other | {"id": f"indicator--{'f' * 36}"})

    assert {told.source for told in found.told} == {"a lab", "another lab"}
    ours = [told.modified for told in found.told if told.source == "a lab"]
    assert min(ours) == at(501)
    assert found.left_out == {"by a lab, beyond its share of 10,000": 501}
    assert not found.versions, "of what is left out an older version stays as it is"


def test_a_source_that_disputes_too_much_keeps_its_newest_and_the_others_theirs() -> None:
    names = [f"indicator--{number:036x}" for number in range(10_500)]
    flood = [
        version(OPINION, day, id=f"opinion--{day}", object_refs=names[day * 1500 :][:1500])
        for day in range(7)
    ]
    other = of("identity", objects("another lab"))["id"]
    theirs = OPINION | {"created_by_ref": other, "id": "opinion--x", "object_refs": [NAME]}
    found = received(*flood, theirs)

    assert NAME in found.withdrawn
    assert len(found.withdrawn) == 10_000
    assert found.withdrawn >= set(names[1500:])
    assert found.left_out == {"disputed by a lab, beyond its share of 10,000": 501}
