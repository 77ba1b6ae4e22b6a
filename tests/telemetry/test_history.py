"""What is counted for people: bins that widen, accounts that are kept, and what became of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

from distillgate.actions.effect import Effect
from distillgate.policy.decision import Action, Decision
from distillgate.telemetry.history import BINS, WIDTHS, Fate, History, Ring

NOW = 1_771_286_400.0


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def history(clock: Clock) -> History:
    return History(clock, accounts=3)


PLAIN = Effect("r-1")


def restricted(account: str, **more: Any) -> Decision:
    made = Decision(account, Action.THROTTLE, unadjusted=Action.THROTTLE, enforced=True)
    return replace(made, **more)


def test_what_came_is_counted_by_action_and_what_became_of_it_by_account(history: History) -> None:
    history.add(Decision("a"), PLAIN)
    history.add(restricted("a"), PLAIN)  # within its floor: answered whole
    history.add(restricted("a"), Effect("r-2", result="throttled"))
    history.add(restricted("a", action=Action.DEGRADE), Effect("r-3", measures=("reasoning",)))
    history.add(restricted("a", action=Action.DEGRADE), PLAIN)  # nothing was there to take away
    history.add(Decision("b", Action.THROTTLE), Effect("r-4", result="refused"))

    actions = history.actions(NOW)
    table = history.account("a", NOW)
    assert table is not None
    assert actions[:-1].sum() == 0
    assert actions[-1].tolist() == [1, 0, 3, 2, 0, 0]
    assert table[-1].tolist() == [5, 4, 1, 1]


def test_bins_widen_when_the_first_exchange_no_longer_fits_and_nothing_is_lost(
    history: History, clock: Clock
) -> None:
    for width in WIDTHS:
        assert history.width in (width, WIDTHS[0])
        history.add(Decision("a"), PLAIN)
        clock.now = NOW + BINS * width
        history.add(Decision("a"), PLAIN)
        assert history.width == min(w for w in WIDTHS if w > width) if width < 3600 else 3600

    table = history.account("a", clock.now)
    assert table is not None
    assert history.width == WIDTHS[-1]
    assert table[-1, Fate.SENT] == 1
    kept = 2 * len(WIDTHS) - 1  # the first has just left the fortnight
    assert table[:, Fate.SENT].sum() == kept
    assert history.actions(clock.now).sum() == kept
    assert history.first(clock.now) <= clock.now - (BINS - 1) * 3600


def test_a_fortnight_later_nothing_is_left(history: History, clock: Clock) -> None:
    history.add(Decision("a"), PLAIN)
    later = NOW + 2 * BINS * WIDTHS[-1]

    assert history.actions(later).sum() == 0
    table = history.account("a", later)
    assert table is not None
    assert table.sum() == 0


def test_accounts_that_act_with_a_group_are_kept_longest(history: History) -> None:
    history.add(restricted("member", group_code="g-1"), PLAIN)
    for name in ("a", "b", "c", "a", "d"):
        history.add(Decision(name), PLAIN)

    kept = {
        name for name in ("member", "a", "b", "c", "d") if history.account(name, NOW) is not None
    }
    assert kept == {"member", "a", "d"}
    table, number = history.total(["member", "a", "d", "nobody"], NOW)
    assert (number, table[-1].tolist()) == (3, [3, 1, 0, 0])


def test_a_count_stops_at_its_largest() -> None:
    ring = Ring(1, 300.0, NOW, "H")
    for _ in range(65_540):
        ring.add(NOW, 0)
    ring.widen(900.0)

    assert ring.read(NOW)[-1, 0] == 65_535


def test_a_ring_read_after_a_gap_is_what_a_list_would_be() -> None:
    ring, expected = Ring(1, 300.0, 0.0, "I"), np.zeros(3 * BINS, int)
    for at in (0, 5, 5, BINS - 1, BINS, BINS + 7, 2 * BINS + 3):
        ring.add(at * 300.0, 0)
        expected[at] += 1

    assert (
        ring.read((2 * BINS + 3) * 300.0)[:, 0].tolist()
        == expected[BINS + 4 : 2 * BINS + 4].tolist()
    )


def test_only_what_happens_to_the_gate_itself_is_a_mark(history: History, clock: Clock) -> None:
    for event in ("killed", "named", "reloaded"):
        history.mark(event)

    assert [mark.event for mark in history.marks(NOW)] == ["killed", "reloaded"]
    assert list(history.marks(NOW + 15 * 86_400)) == []
