import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distillgate.account.windows import DAY, HOUR, MINUTE, Activity, Counts, Usage, faded

HALF_LIFE = 45 * DAY

EVENTS = st.lists(
    st.tuples(st.integers(0, 4000) | st.integers(0, 3 * int(DAY)), st.integers(1, 9)),
    min_size=1,
    max_size=60,
)
"""Seconds since the event before, and how much."""


def add(usage: Usage, amount: float, now: float) -> Usage:
    return usage.add((amount, 0.0, 0.0), now)


def read(usage: Usage, now: float) -> Counts:
    return usage.read(now).requests


def counted(events: list[tuple[int, int]]) -> tuple[Usage, list[tuple[float, int]]]:
    windows, now, all_ = Usage.none(), 1e9, []
    for gap, amount in events:
        now += gap
        windows = add(windows, float(amount), now)
        all_.append((now, amount))
    return windows, all_


@given(EVENTS, st.integers(0, 3 * int(DAY)))
def test_a_window_is_off_by_at_most_the_one_before(
    events: list[tuple[int, int]], later: int
) -> None:
    windows, all_ = counted(events)
    now = all_[-1][0] + later

    for found, width in zip(read(windows, now)[:3], (MINUTE, HOUR, DAY), strict=True):
        true = sum(amount for at, amount in all_ if now - width < at)
        start = began([at for at, _ in all_] + [now], width)
        before = sum(amount for at, amount in all_ if start - width <= at < start)
        assert abs(found - true) <= before + 1e-6


def began(times: list[float], width: float) -> float:
    """When the current window began: windows follow each other until there is a gap."""
    start = times[0]
    for at in times:
        if at - start >= 2 * width:
            start = at
        elif at - start >= width:
            start += width
    return start


@given(st.integers(0, 10_000), st.sampled_from([MINUTE, HOUR, DAY]), st.integers(1, 50))
def test_even_traffic_is_counted_exactly_but_for_one_step(
    offset: int, width: float, steps: int
) -> None:
    windows, start = Usage.none(), 1e9
    step = width / 20
    for i in range(20 * 3 + steps):
        windows = add(windows, 1.0, start + i * step)
    now = start + (20 * 3 + steps - 1) * step + (offset % 1000) / 1000 * step

    found = dict(zip((MINUTE, HOUR, DAY), read(windows, now)[:3], strict=True))[width]

    assert found == pytest.approx(20, abs=1.01)


@given(EVENTS)
def test_the_memory_is_the_exponentially_weighted_sum(events: list[tuple[int, int]]) -> None:
    windows, all_ = counted(events)
    now = all_[-1][0] + 1000

    true = sum(amount * 0.5 ** ((now - at) / HALF_LIFE) for at, amount in all_)

    assert read(windows, now).memory == pytest.approx(true, rel=1e-5)


def test_the_memory_halves_in_a_half_life() -> None:
    windows = Usage.none()
    windows = add(windows, 80.0, 0.0)

    assert read(windows, HALF_LIFE).memory == pytest.approx(40)
    assert read(windows, 3 * HALF_LIFE).memory == pytest.approx(10)


def test_a_fresh_one_is_empty_at_any_time() -> None:
    for now in (0.0, 1.8e9, -5.0):
        assert read(Usage.none(), now) == Counts(0, 0, 0, 0)


def test_a_long_gap_empties_every_window() -> None:
    windows = Usage.none()
    for i in range(100):
        windows = add(windows, 1.0, float(i))

    found = read(windows, 100.0 + 30 * DAY)

    assert found[:3] == (0, 0, 0)
    assert 60 < found.memory < 65


def test_a_burst_is_seen_at_once_and_fades() -> None:
    windows = Usage.none()
    windows = add(windows, 1.0, 0.0)
    windows = add(windows, 30.0, 59.0)

    seen = [read(windows, now).minute for now in (59.0, 75.0, 90.0, 119.9, 130.0)]

    assert seen[0] == 31
    assert seen == sorted(seen, reverse=True)
    assert seen[-1] == 0


@given(st.lists(st.integers(-100_000, 100_000), min_size=1, max_size=40))
def test_a_clock_that_steps_back_loses_nothing_and_invents_nothing(steps: list[int]) -> None:
    windows, now, newest = Usage.none(), 1e9, 1e9
    for step in steps:
        now += step
        newest = max(newest, now)
        windows = add(windows, 1.0, now)

    found = read(windows, now)

    assert all(math.isfinite(value) and 0 <= value <= len(steps) for value in found)
    assert found.minute >= 1
    # Nothing fades backwards: what came with an old clock counts as of the newest time.
    assert read(windows, newest).memory >= len(steps) * 0.5 ** (4e6 / HALF_LIFE) - 1e-6


def test_nothing_fades_backwards() -> None:
    assert faded(5.0, -10.0, 1.0) == 5.0
    assert faded(5.0, 0.0, 1.0) == 5.0
    assert faded(0.0, 1e12, 1.0) == 0.0
    assert faded(5.0, 1e12, 1.0) == 0.0


def test_requests_and_tokens_are_counted_apart() -> None:
    usage = Usage.none()
    for i in range(3):
        usage = usage.add((1.0, 100.0 + i, 20.0), 1e9 + 50 * i)

    found = usage.read(1e9 + 100)

    assert [c.hour for c in (found.requests, found.prompt_tokens, found.output_tokens)] == [
        3,
        303,
        60,
    ]
    assert found.requests.minute < 3
    assert isinstance(found, Activity)


@given(st.floats(1e3, 1e9), st.integers(1, 200))
def test_large_counts_keep_their_size(amount: float, times: int) -> None:
    usage = Usage.none()
    for _ in range(times):
        usage = usage.add((1.0, amount, 0.0), 1e9)

    assert usage.read(1e9).prompt_tokens.day == pytest.approx(amount * times, rel=1e-4)
