import math

import pytest

from distillgate.campaign.jobs import Job, complete, ordered, run_slice


def work(*sizes: int) -> Job[str]:
    yield from sizes
    return "done"


def test_work_is_done_at_once_where_the_budget_allows() -> None:
    assert run_slice(work(1, 2, 3), math.inf) == "done"
    assert run_slice(work(), 1) == "done"


@pytest.mark.parametrize(("budget", "pieces"), [(1, 4), (2, 3), (3, 3), (4, 2), (6, 2), (7, 1)])
def test_a_piece_ends_when_the_budget_is_gone_over(budget: int, pieces: int) -> None:
    steps = work(1, 2, 3)
    found = [run_slice(steps, budget) for _ in range(pieces)]

    assert found == [*[None] * (pieces - 1), "done"]


def test_work_that_nobody_waits_for_is_done_at_once() -> None:
    assert complete(work()) == complete(work(1, 2, 3)) == "done"


@pytest.mark.parametrize("count", [0, 1, 500, 501, 2345])
def test_a_long_list_is_sorted_in_short_pieces_as_it_would_be_at_once(count: int) -> None:
    items = [(number * 7919 % 997, number) for number in range(count)]

    assert complete(ordered(items, lambda item: item[0])) == sorted(items, key=lambda i: i[0])
    assert max(ordered(items, lambda item: item[0]), default=0) <= 500
