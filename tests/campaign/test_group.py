import math
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace
from tests.observing import observe

from distillgate.campaign.group import Group
from distillgate.campaign.jobs import complete, run_slice
from distillgate.campaign.keys import Key, Kind
from distillgate.campaign.sketch_table import SketchTable
from distillgate.dialects.chat import CHAT
from distillgate.fingerprint.observation import Observation
from distillgate.wire.exchange import Outcome
from distillgate.wire.request import from_document

KINDS = pytest.mark.parametrize("kind", list(Kind))


def group(kind: Kind = Kind.TURN) -> Group:
    return Group.new(Key(kind, 0xABC), 5.0, sample=8, due=48)


def seen(outcome: Outcome, *turns: str) -> Observation:
    first, *others = ({"role": "user", "content": text} for text in turns)
    answer = {"role": "assistant", "content": "An answer."}
    messages: list[dict[str, Any]] = [first, *(turn for one in others for turn in (answer, one))]
    request = from_document(CHAT, {"messages": messages})
    return observe(request, outcome, tokens=30)


def test_a_group_is_called_by_its_key_until_a_person_names_it() -> None:
    made = group()
    assert made.id == "g-0000000000000abc"
    made.name = "winter"
    assert made.id == "winter"


def test_exchanges_are_counted() -> None:
    made = group()
    made.count(seen(Outcome(completion_tokens=5), "one"))
    made.count(seen(Outcome(200, 40, 7), "one", "Think step by step"))
    made.count(seen(Outcome(status=500), "one"))

    assert (made.exchanges, made.elicited, made.follows) == (3, 1, 1)
    assert made.prompt_tokens == pytest.approx(70)
    assert made.output_tokens == pytest.approx(12)


def reporting(made: Group, exchanges: int, *reports: str) -> None:
    for _ in range(exchanges):
        made.count(replace(seen(Outcome(), "one"), reported=reports))


def test_reports_that_hardly_match_lock_out_none_that_does() -> None:
    made = group()
    reporting(made, 4, *(f"false-{number}" for number in range(8)))
    reporting(made, 50)
    made.due = 1000
    reporting(made, 5, "true")

    assert made.reported["true"] == (54, 5)
    assert len(made.reported) == 8
    assert made.due == 1000, "a place that was another's is no reason to examine it at once"

    reporting(made, 60, "true", *(f"more-{number}" for number in range(3)))
    reporting(made, 9, "late")
    assert made.reported["true"] == (54, 65), "what the group is made from stays"
    assert all(f"more-{number}" in made.reported for number in range(3))


def test_a_report_that_comes_late_has_its_place_at_once_beside_a_flood() -> None:
    made = group()
    for number in range(30):
        reporting(made, 1, *(f"false-{number + step}" for step in range(0, 12, 3)))
    for number in range(60):
        reporting(made, 1, "true", *(f"false-{number + step}" for step in range(0, 9, 3)))

    assert made.reported["true"] == (30, 60)
    assert made.report_shares["true"] == 1.0
    assert len(made.reported) == 8


def filled(kind: Kind, principals: int) -> tuple[Group, SketchTable]:
    made, members = group(kind), SketchTable(principals)
    for principal in range(1, principals + 1):
        made.rows[principal] = members.allot(made.mark(principal))
    return made, members


def pruned(made: Group, members: SketchTable) -> list[int]:
    rows = run_slice(made.prune(members), math.inf)
    assert rows is not None
    return [int(row) for row in rows]


@KINDS
def test_a_units_row_is_its_own_until_it_is_given_up(kind: Kind) -> None:
    made, members = filled(kind, 3)
    row = made.rows[2]
    assert made.row(2, members) == row
    assert made.row(99, members) is None

    members.release(row)
    assert made.row(2, members) is None

    assert members.allot(99) == row
    assert made.row(2, members) is None, "the row is another's"


def test_rows_of_text_groups_are_their_own_and_the_other_kinds_share_the_units() -> None:
    assert {kind for kind in Kind if group(kind).mark(7) == 7} == {
        kind for kind in Kind if not kind.textual
    }
    other = Group.new(Key(Kind.TURN, 0xDEF), 5.0, sample=8, due=48)
    assert group().mark(7) != other.mark(7)


@KINDS
def test_units_whose_rows_are_anothers_are_forgotten(kind: Kind) -> None:
    made, members = filled(kind, 6)
    members.release(made.rows[2])
    members.release(made.rows[5])
    members.allot(99)
    kept = [made.rows[principal] for principal in (1, 3, 4, 6)]

    assert pruned(made, members) == kept
    assert list(made.rows) == [1, 3, 4, 6]
    assert pruned(made, members) == kept, "once is enough"


@KINDS
def test_of_a_group_that_nobody_is_left_of_nothing_is(kind: Kind) -> None:
    made, members = filled(kind, 3)
    for row in list(made.rows.values()):
        members.release(row)

    assert pruned(made, members) == []
    assert made.rows == {}
    assert pruned(group(kind), members) == []


def test_hashes_of_64_bits_are_pruned_exactly() -> None:
    key = 2**64 - 5
    made, members = Group.new(Key(Kind.TURN, key), 5.0, sample=8, due=48), SketchTable(2)
    for principal in (2**64 - 1, 2**63 + 1):
        made.rows[principal] = members.allot(made.mark(principal))

    assert pruned(made, members) == [0, 1]
    members.release(0)
    assert pruned(made, members) == [1]
    assert list(made.rows) == [2**63 + 1]


def test_a_group_takes_over_what_another_counted() -> None:
    kept, gone = group(Kind.LINKS), Group.new(Key(Kind.LINKS, 0xDEF), 2.0, sample=8, due=48)
    kept.count(seen(Outcome(200, 40, 7), "one"))
    gone.count(seen(Outcome(200, 50, 9), "one", "Think step by step"))
    kept.repeats.add(1, 1)
    gone.repeats.add(1, 3)
    gone.repeats.add(2, 3)
    gone.name, gone.last_seen = "winter", 9.0

    kept.absorb(gone, 0.0)

    assert (kept.exchanges, kept.elicited, kept.follows) == (2, 1, 1)
    assert (kept.prompt_tokens, kept.output_tokens) == (90, 16)
    assert (kept.first_seen, kept.last_seen, kept.name) == (2.0, 9.0, "winter")
    assert kept.repeats.distinct() == 2
    assert complete(kept.repeats.read()).repeated == 0.5
    assert (kept.key, kept.code) == (0xABC, "g-0000000000000abc")


@KINDS
def test_a_large_group_is_pruned_in_pieces_while_units_come_and_go(kind: Kind) -> None:
    made, members = filled(kind, 10_000)
    lost, back = made.rows[9_000], made.rows[9_999]
    steps = made.prune(members)
    assert run_slice(steps, 1) is None
    members.release(lost)
    members.release(back)
    made.rows[9_999] = members.allot(made.mark(9_999))  # takes the row it had
    made.rows[20_000] = members.allot(made.mark(20_000))

    rows = run_slice(steps, math.inf)

    assert rows is not None
    assert len(rows) == 9_999
    assert set(made.rows) == {*range(1, 10_001), 20_000} - {9_000}


def test_rows_of_its_texts_are_found_by_those_of_all_that_principals_drew() -> None:
    made, members = group(), SketchTable(8)
    own = {principal: members.allot(principal) for principal in (1, 2, 3)}
    for principal in (1, 2):
        made.rows[principal] = members.allot(made.mark(principal))
    members.texts[made.rows[1]] = 2

    found = made.rows_of(np.array([*own.values()]), members)

    assert found.tolist() == [made.rows[1]], "of the second nothing is held, the third is no part"
