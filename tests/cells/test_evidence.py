"""Whole campaigns and whole crowds, spread over cells."""

from tests.cells.conftest import Cells
from tests.remembering import copied, remembered

from distillgate.policy.decision import Decision

ACCOUNTS = 120


def restricted(found: list[tuple[int, Decision]]) -> set[int]:
    """Return the cells that restricted somebody."""
    return {cell for cell, decision in found if decision.action.restricts}


def test_a_campaign_is_seen_in_every_cell_by_what_all_of_them_saw() -> None:
    alone, together = Cells(6), Cells(6)
    size = 600

    apart = alone.play(alone.dealt(ACCOUNTS, size), every=None)
    merged = together.play(together.dealt(ACCOUNTS, size))

    assert restricted(apart) == set()
    assert restricted(merged) == set(range(6))
    told = {actor.group.evidence.principals for engine in together.engines  # type: ignore[union-attr]
            for actor in engine.state.actors.values() if actor.group.kind.textual}  # fmt: skip
    assert max(told) >= 0.95 * ACCOUNTS


def test_users_of_one_prompt_are_no_campaign_however_many_cells_see_them() -> None:
    cells = Cells(6)

    assert restricted(cells.play(cells.crowd(ACCOUNTS, 600))) == set()


def test_a_cell_without_an_account_of_it_restricts_the_first_that_comes() -> None:
    cells = Cells(3)
    traffic = cells.dealt(60, 900)
    before = cells.play([(a, t) for a, t in traffic if cells.cell_of(a) != 2])
    assert restricted(before) == {0, 1}

    late = cells.play([(a, t) for a, t in traffic if cells.cell_of(a) == 2])

    first = next(n for n, (_, decision) in enumerate(late) if decision.action.restricts)
    assert first < 40


def test_what_is_told_again_or_out_of_order_changes_nothing() -> None:
    once, often = Cells(2), Cells(2)
    for cells in (once, often):
        cells.play(cells.dealt(30, 80), every=None)
    early = often.tell()
    once.tell()
    for cells in (once, often):
        cells.play(cells.dealt(30, 80), every=None)
        late = cells.tell()

    for summary in (*reversed(early), *late, *early):
        often.hear(summary)

    for one, other in zip(once.engines, often.engines, strict=True):
        assert remembered(one.state)["elsewhere"] == remembered(other.state)["elsewhere"]


def test_what_others_told_outlives_a_restart() -> None:
    cells = Cells(2)
    cells.play(cells.dealt(60, 200))
    engine = cells.engines[1]

    again = copied(engine)

    assert len(again.groups.elsewhere) == len(engine.state.groups.elsewhere) > 0
    key = next(group.key for group in engine.state.groups if group.elsewhere)
    group = again.groups.get(key)
    assert group is not None
    assert group.elsewhere == again.groups.elsewhere.exchanges(key)


def test_a_company_over_cells_has_what_it_took_counted_once() -> None:
    one, many = Cells(1), Cells(3)
    for cells in (one, many):
        cells.play(cells.dealt(60, 300))
        cells.tell()
        cells.play(cells.dealt(60, 100))

    def taken(cells: Cells) -> list[float]:
        groups = [group for engine in cells.engines for group in engine.state.groups]
        return [g.evidence.taken.tokens for g in groups if g.kind.textual and g.evidence]

    assert max(taken(many)) <= 1.05 * max(taken(one))
