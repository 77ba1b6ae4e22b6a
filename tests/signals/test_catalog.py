import pytest
from msgspec.structs import replace
from tests.signals.conftest import Make, used

from distillgate.account.account import Account
from distillgate.account.conduct import Trait
from distillgate.campaign.evidence import Evidence, Return
from distillgate.campaign.examine import ExamineSettings
from distillgate.campaign.exchangeability import Intraclass
from distillgate.campaign.group import Group
from distillgate.campaign.keys import Key, Kind
from distillgate.campaign.life import Life
from distillgate.signals.catalog import of_account, of_group
from distillgate.signals.registry import GROUP
from distillgate.signals.settings import SignalsSettings
from distillgate.signals.signal import Family, Signal

SETTINGS = SignalsSettings()
ALIKE = Intraclass(0.0, 0.005, 60, 600)
FULL = {"principals": 60, "examined": 60, "exchanges": 600, "distinct": 600.0, "topic": ALIKE,
        "style": ALIKE, "elicits": 1.0, "repeats": 0.3, "items": 2e4}  # fmt: skip


def asked(evidence: Evidence | None, kind: Kind = Kind.TURN) -> list[Signal]:
    group = Group.new(Key(kind, 7), 0.0, sample=8, due=48)
    group.evidence = evidence
    return of_group(group, ExamineSettings(), SETTINGS)


def test_a_group_that_was_not_examined_gives_no_signal() -> None:
    assert asked(None) == []


@pytest.mark.parametrize("kind", list(Kind))
def test_signals_are_finite_named_and_explained(evidence: Make, kind: Kind) -> None:
    found = asked(evidence(**FULL, meetings={"hops": 40}), kind)

    assert len({signal.name for signal in found}) == len(found) >= 2
    for signal in found:
        assert abs(signal.llr) < 100
        assert len(signal.text) > 10
        assert signal.family in Family
        assert signal.doubt.honest
        assert signal.doubt.clears
        assert (signal.since, signal.until) == (0.0, 0.0)


def test_little_evidence_links_nobody(evidence: Make) -> None:
    found = asked(evidence(principals=60))

    assert sum(s.llr for s in found if s.family is Family.LINKAGE) <= 0


def test_a_joint_life_is_looked_at_only_where_something_else_links(evidence: Make) -> None:
    life = Life(principals=60, dated=60, young=60, after=60, pause=500.0)
    linked = {s.name for s in asked(evidence(**FULL, life=life), Kind.PAYMENT)}
    apart = replace(ALIKE, rho=0.3)
    loose = {s.name for s in asked(evidence(**{**FULL, "style": apart}, life=life), Kind.PAYMENT)}
    alone = {s.name for s in asked(evidence(life=life), Kind.PAYMENT)}

    assert {"young_cohort", "joint_pause", "succession"} <= linked
    assert not {"young_cohort", "joint_pause", "succession"} & (loose | alone)


def test_more_users_of_a_prompt_are_not_more_suspicious(evidence: Make) -> None:
    few = evidence(**FULL)
    many = replace(few, principals=6000)

    linkage = [sum(s.llr for s in asked(one) if s.family is Family.LINKAGE) for one in (few, many)]
    assert linkage[1] <= linkage[0]


def test_a_fresh_account_gives_no_signal() -> None:
    account = Account.new("a", 1, 0.0)

    assert of_account(account, 0.0, SETTINGS) == []


def test_a_detector_that_is_off_is_not_asked() -> None:
    account = used(Trait.SLEEPLESS, 6, 6)

    assert [signal.name for signal in of_account(account, 0.0, SETTINGS)] == ["round_the_clock"]
    off = SignalsSettings(off=frozenset({"round_the_clock"}))
    assert of_account(account, 0.0, off) == []


def test_a_detector_of_groups_that_is_off_is_not_asked(evidence: Make) -> None:
    group = Group.new(Key(Kind.TURN, 7), 0.0, sample=8, due=48)
    group.evidence = evidence(**FULL)
    on, off = (
        {signal.name for signal in of_group(group, ExamineSettings(), SignalsSettings(off=names))}
        for names in (frozenset[str](), frozenset({"elicitation"}))
    )

    assert on - off == {"elicitation"}


def test_what_sharing_says_is_not_asked_where_memory_speaks(evidence: Make) -> None:
    before = Return(likeness=5.0, texts=30.0, link=5.0, seen_at=0.0, name="autumn")
    alone, after = (
        {signal.name for signal in asked(evidence(**FULL, returned=one))} for one in (None, before)
    )

    assert alone - after == {"shared_key"}
    assert after - alone == {"returned"}


def test_a_detector_raises_the_signals_that_it_registered(evidence: Make) -> None:
    named = {name for detector in GROUP for name in detector.signals}
    raised = {s.name for kind in Kind for s in asked(evidence(**FULL, meetings={"h": 9}), kind)}

    assert raised <= named
