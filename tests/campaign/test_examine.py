import math
from typing import Any

import numpy as np
import orjson
import pytest
from msgspec.structs import replace
from tests.observing import observe

from distillgate.account.account import Account
from distillgate.campaign.evidence import Evidence, Reported
from distillgate.campaign.examine import ExamineSettings, examine
from distillgate.campaign.group import Group
from distillgate.campaign.jobs import run_slice
from distillgate.campaign.keys import Key, Kind
from distillgate.campaign.links import Meeting
from distillgate.campaign.openness import Shared
from distillgate.campaign.sketch_table import SketchTable, entry
from distillgate.campaign.surroundings import Surroundings
from distillgate.campaign.value import Value
from distillgate.dialects.chat import CHAT
from distillgate.fingerprint.sketch import LARGEST, STYLE, TOPIC, Sketch
from distillgate.wire.exchange import Attributes, Client, Exchange
from distillgate.wire.request import from_document

REQUEST = from_document(CHAT, {"model": "m", "messages": [{"role": "user", "content": "Where?"}]})
SETTINGS = ExamineSettings()
ALONE = Surroundings(overlap=(), meetings={}, population=1000)


def examined(
    offsets: list[float],
    texts: int,
    *,
    seed: int = 1,
    around: Surroundings = ALONE,
    manner: float = 1.0,
    **counts: Any,
) -> Evidence:
    """Examine a group whose principals lie this far from their common centre; in `manner`, so many
    times as far.
    """
    rng = np.random.default_rng(seed)
    members, group = (
        SketchTable(max(1, len(offsets))),
        Group.new(Key(Kind.TURN, 7), 0.0, sample=192, due=48),
    )
    for principal, offset in enumerate(offsets, start=100):
        row = group.rows[principal] = members.allot(group.mark(principal))
        own_topic, own_style = (offset * rng.normal(0, 1, size) for size in (TOPIC, STYLE))
        for _ in range(texts):
            topic = rng.normal(0, 1, TOPIC) + own_topic
            style = LARGEST * (0.5 + 0.05 * (rng.normal(0, 1, STYLE) + manner * own_style))
            length = np.linalg.norm(topic)
            one = Sketch((topic / length).astype(np.float32), style.astype(np.float32))
            now = float(rng.uniform(0, 1e6))
            members.add([row], entry(one, now), now)
            group.repeats.add(int(rng.integers(0, 2**64, dtype=np.uint64)), principal)
            group.exchanges += 1
    for name, value in counts.items():
        setattr(group, name, value)
    found = run_slice(examine(group, around, members, SETTINGS, 99.0), math.inf)
    assert found is not None
    return found


def test_a_group_of_one_hand_is_one_core() -> None:
    found = examined([0.0] * 60, 10)

    assert found.whole
    assert found.core is not None
    assert found.core.share > 0.95
    assert found.topic is not None
    assert abs(found.topic.rho) < 4 * found.topic.error
    assert found.style is not None
    assert abs(found.style.rho) < 4 * found.style.error
    assert (found.principals, found.examined, found.exchanges) == (60, 60, 600)
    assert found.examined_at == 99.0


def test_a_mixed_group_is_examined_by_its_core() -> None:
    found = examined([0.0] * 40 + [0.9] * 60, 50)

    assert not found.whole
    assert found.core is not None
    assert found.core.share == pytest.approx(0.4, abs=0.05)
    assert found.style is not None
    assert found.style.rho < 0.05
    # What the core sent, not what everybody sent.
    assert found.distinct == pytest.approx(2000, rel=0.35)


def test_of_a_mixed_group_the_core_is_held_to_what_it_shows_and_took_itself() -> None:
    """Forty keys of one office in a group of a hundred. The sample is the 48 that are smallest."""
    shared = Shared.none()
    for who in range(100, 200):
        card, ip = ("c", "51.15.7.1") if who < 140 else (f"c-{who}", f"51.16.{who}.1")
        exchange = Exchange("a", REQUEST, client=Client(ip=ip), attributes=Attributes(payment=card))
        shared.count(
            Account.new("a", who, 0.0), observe(exchange), 1.0 + 8.0 * (who >= 140), 1.0, 5
        )
    value = Value.none()
    value.taken = 1000.0

    found = examined([0.0] * 40 + [0.9] * 60, 50, shared=shared, value=value)

    assert found.taken.openness.card > 0.9
    assert found.taken.tokens == pytest.approx(1000 * 40 / (40 + 8 * 9), rel=0.1)
    assert shared.read().card < 0.5  # by what each took


def test_principals_who_are_one_hands_by_manner_alone_have_no_core_of_nobody() -> None:
    around = ALONE._replace(own_rows=lambda principals: np.arange(len(principals)))

    found = examined([1.0] * 60, 10, around=around, manner=0.0)

    assert found.held_out is not None
    assert found.held_out.sure
    assert found.held_out.share < 0.01
    assert found.core is None


@pytest.mark.parametrize(("known", "follows", "whole"), [
    (60, 0, True),
    (60, 120, False),  # a tool's users may be among them, who talk back
    (40, 0, False),  # of the others it is not known what they drew
    (57, 0, True),  # a few who asked once
])  # fmt: skip
def test_where_strangers_may_be_among_those_that_are_one_hands_they_are_of_no_one_piece(
    known: int, follows: int, whole: bool
) -> None:
    around = ALONE._replace(own_rows=lambda _: np.arange(known))

    found = examined([0.0] * 60, 10, around=around, follows=follows)

    assert found.held_out is not None
    assert found.held_out.sure
    assert found.core is not None
    assert found.drawn is not None
    assert found.drawn.share == 0.5, "what they share is no part of what they drew"
    assert found.whole == whole


def test_people_have_no_core() -> None:
    found = examined([0.9] * 100, 10)

    assert found.core is None
    assert found.style is not None
    assert found.style.rho > 0.2


@pytest.mark.parametrize(("principals", "texts"), [(5, 20), (40, 1), (0, 0)])
def test_where_too_little_is_known_nothing_is_compared(principals: int, texts: int) -> None:
    found = examined([0.0] * principals, texts)

    assert found.topic is None
    assert found.style is None
    assert found.core is None
    assert found.principals == principals


def test_work_is_bounded_in_members() -> None:
    found = examined([0.0] * (SETTINGS.max_units + 200), 2)

    assert found.principals == SETTINGS.max_units + 200
    assert found.examined == SETTINGS.max_units


def test_shares_are_of_the_exchanges() -> None:
    found = examined(
        [0.0] * 20, 10, elicited=50, follows=20, prompt_tokens=1000.0, output_tokens=50.0
    )

    assert found.elicits == 0.25
    assert found.follows == 0.1
    assert found.expansion == pytest.approx(0.05)
    assert examined([0.0] * 20, 2).expansion is None


def test_where_one_side_is_not_known_nothing_is_said_of_expansion() -> None:
    assert examined([0.0] * 30, 4, output_tokens=9.0, prompt_tokens=9.0).expansion == 1.0
    assert examined([0.0] * 30, 4, output_tokens=9.0).expansion is None
    assert examined([0.0] * 30, 4, prompt_tokens=9.0).expansion is None


def test_what_the_same_hands_sent_elsewhere_counts() -> None:
    sibling = Group.new(Key(Kind.TURN, 8), 0.0, sample=192, due=48)
    for value in range(100):
        sibling.repeats.add(value, 1)

    alone = examined([0.0] * 20, 5)
    both = examined([0.0] * 20, 5, around=ALONE._replace(overlap=(sibling,)))

    assert both.distinct == pytest.approx(alone.distinct + 100, rel=0.05)


def test_evidence_of_accounts_that_met_can_be_written_as_json() -> None:
    around = Surroundings(overlap=(), meetings={Meeting.FAILOVER: 3}, population=1000)

    found = examined([0.0] * 12, 20, around=around)

    assert [type(how) for how in found.meetings] == [str]
    assert orjson.loads(orjson.dumps(found.meetings)) == {str(Meeting.FAILOVER): 3}


def test_a_report_says_nothing_of_a_group_that_talks_back() -> None:
    told = ALONE._replace(
        reported=Reported("indicator--1", "a lab", 1.0, 1e9),
        own_rows=lambda principals: np.arange(len(principals)),
    )

    alone, talking = (
        examined([0.0] * 40, 3, around=told, follows=follows).held_out for follows in (0, 30)
    )

    assert alone is not None
    assert alone.lowered
    assert talking is None


def test_who_was_one_hands_by_a_report_stays_so_while_a_quarter_of_a_dealers_is_left() -> None:
    told = ALONE._replace(
        reported=Reported("indicator--1", "a lab", 1.0, 1e9),
        own_rows=lambda principals: np.arange(len(principals)),
    )
    before = examined([0.0] * 40, 3, around=told)
    short = examined([0.22] * 40, 3, around=told).held_out
    assert before.held_out is not None
    assert short is not None
    assert before.held_out.sure
    assert not short.sure
    assert short.nats > 0.25 * short.of_a_dealer

    def still(offset: float, seed: int, before: Evidence, around: Surroundings = told) -> bool:
        found = examined([offset] * 40, 3, around=around, seed=seed, evidence=before).held_out
        return found is not None and found.sure

    assert still(0.22, 1, before)
    assert not still(0.25, 5, before), "it speaks for no hand any more"
    assert not still(0.22, 1, replace(before, held_out=short)), "it never was"
    other = told._replace(reported=Reported("indicator--2", "a lab", 1.0, 1e9))
    assert not still(0.22, 1, before, other), "another report's is another matter"


def test_a_row_that_is_given_up_during_an_examination_spoils_no_centre() -> None:
    rng = np.random.default_rng(1)
    members, group = SketchTable(80), Group.new(Key(Kind.TURN, 7), 0.0, sample=192, due=48)
    own = []
    for principal in range(1, 41):
        group.rows[principal] = members.allot(group.mark(principal))
        own.append(members.allot(principal))
        for value in rng.integers(0, 2**62, 10).tolist():
            topic = rng.normal(0, 1, TOPIC)
            style = LARGEST * (0.5 + 0.05 * rng.normal(0, 1, STYLE))
            one = Sketch((topic / np.linalg.norm(topic)).astype(np.float32), style.astype("f4"))
            members.add([group.rows[principal], own[-1]], entry(one, 0.0), 0.0, value & 1)
            group.repeats.add(value, principal)
            group.exchanges += 1
    around = ALONE._replace(own_rows=lambda _: np.array(own))
    steps = [*examine(group, around, members, SETTINGS, 99.0)]
    job = examine(group, around, members, SETTINGS, 99.0)
    for _ in steps[:-1]:
        next(job)
    for row in own[:6]:
        members.release(row)

    found = run_slice(job, math.inf)

    assert found is not None
    assert found.drawn is not None
    assert found.drawn.topic_within > 0.1
