"""The newest version of what was told is remembered, and an older one changes nothing."""

import math

from msgspec.structs import replace
from tests.engine.conftest import make_engine
from tests.remembering import copied, moved

from distillgate.campaign.reports import Report
from distillgate.engine.engine import Engine
from distillgate.engine.entries import Feed, decode
from distillgate.engine.versions import MOST, Version, Versions
from distillgate.records import encode

ONE = Report("indicator--1", "a lab", "k-1", (b"0" * 16,), 1000.0)


def tell(engine: Engine, report: Report, modified: float, at: float = 1.0) -> None:
    version = Version(report.source, report.id, modified)
    engine.hand(Feed(at, "test", (report,), versions=(version,)))


def held(engine: Engine) -> list[Report]:
    return list(engine.state.groups.reports)


def test_an_older_version_replaces_no_newer_one_after_a_restart_either() -> None:
    engine, older = make_engine(), replace(ONE, until=500.0)
    tell(engine, ONE, 20.0)
    tell(engine, older, 10.0)
    assert held(engine) == [ONE]

    engine.adopt(copied(engine))
    tell(engine, older, 10.0)
    assert held(engine) == [ONE]
    tell(engine, older, 30.0)
    assert held(engine) == [older], "the newest counts"


def test_one_that_was_revoked_stays_so_when_an_older_version_comes_again() -> None:
    engine = make_engine()
    tell(engine, ONE, 10.0)
    engine.hand(Feed(2.0, "test", versions=(Version("a foe", ONE.id, math.inf),)))
    assert held(engine) == [ONE], "only by whose it is"
    engine.hand(Feed(2.0, "test", versions=(Version("a lab", ONE.id, math.inf),)))
    engine.adopt(copied(engine))

    for at in (3.0, 60.0):
        tell(engine, ONE, 10.0 * at, at)
        assert held(engine) == []


def test_a_newer_version_that_is_not_looked_for_ends_the_one_before() -> None:
    engine, newer = make_engine(), Version("a lab", ONE.id, 20.0)
    tell(engine, ONE, 10.0)
    engine.hand(Feed(2.0, "test", versions=(replace(newer, source="a foe"),)))
    assert held(engine) == [ONE], "an id is its own source's"

    engine.hand(Feed(2.0, "test", versions=(newer,)))
    assert held(engine) == []
    tell(engine, ONE, 20.0, at=2.0)
    assert held(engine) == [ONE], "and is looked for once it is one to look for"


def test_others_versions_under_an_id_neither_end_a_report_nor_keep_its_end_from_it() -> None:
    engine = make_engine()
    tell(engine, ONE, 10.0)
    mine, theirs = Version("a lab", ONE.id, 20.0), Version("a foe", ONE.id, 30.0)
    engine.hand(Feed(2.0, "test", (ONE,), versions=(replace(mine, modified=5.0), theirs)))
    engine.hand(
        Feed(
            2.0,
            "test",
            (replace(ONE, until=500.0),),
            versions=(theirs, replace(mine, modified=5.0)),
        )
    )
    assert held(engine) == [ONE], "an older one is in no newer one's company"
    engine.hand(Feed(2.0, "test", versions=(mine, theirs)))
    assert held(engine) == []


def test_entries_and_snapshots_of_before_are_read() -> None:
    engine = make_engine()
    whole = encode(Feed(1.0, "test", (ONE,)))
    before = whole[:1].replace(b"\x96", b"\x95") + whole[1:-1]
    assert (whole[:1], whole[-1:]) == (b"\x96", b"\x90"), "five fields and a tag, the last empty"
    engine.hand(decode(before))
    assert held(engine) == [ONE]

    again = engine.blank()
    for name, part in engine.state.parts().items():
        if name != "versions":
            moved(part, again.parts()[name])
    engine.adopt(again)
    assert held(engine) == [ONE]
    tell(engine, ONE, 10.0)
    assert dict(engine.state.versions.newest) == {("a lab", ONE.id): 10.0}


def test_no_source_has_the_others_versions_forgotten() -> None:
    versions = Versions()
    versions.note(Version("a lab", "x", 1.0))
    for number in range(MOST + 1000):
        versions.note(Version("a foe", f"{number}", 10.0 + number))

    assert MOST - 400 < len(versions.newest) <= MOST
    assert not versions.note(Version("a lab", "x", 0.5))
    assert not versions.note(Version("a foe", f"{MOST + 999}", 10.0)), "its newest are known"
    assert versions.note(Version("a foe", "0", 1.0)), "its oldest were forgotten"
