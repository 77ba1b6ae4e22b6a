"""Probing a real engine for its threshold, small: `python -m benchmarks.oracle` prints the rest."""

import math

import pytest
from benchmarks.oracle import (
    STRATEGIES,
    Sight,
    Strategy,
    blind,
    drawn_onset,
    estimates,
    probe,
    within,
)

FEW = Strategy("few", 30, 800, 10.0)


def test_an_estimator_that_sees_the_threshold_finds_it() -> None:
    settings = [50 * 1.05**i for i in range(80)]
    clear = [Sight(setting, (round(setting),)) for setting in settings]

    assert within(clear, estimates(clear)) > 0.95
    assert blind(clear) < 0.6


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_probe_spends_what_it_has(strategy: Strategy) -> None:
    assert sum(probe(1, strategy, drawn_onset(0.0), probes=60).onsets) <= 60


def test_the_drawn_onset_parts_deployments_of_one_threshold() -> None:
    at_once = probe(3, FEW, drawn_onset(0.0), probes=1500).onsets
    drawn = probe(3, FEW, drawn_onset(1200.0), probes=1500).onsets

    assert at_once
    assert math.inf > min(at_once) < min(drawn, default=math.inf)


def test_waits_say_nothing_of_how_far_past_the_threshold_one_is() -> None:
    sight = probe(3, FEW, drawn_onset(0.0), probes=1500)

    assert sight.waits
    assert all(wait == 0.0 or 1.0 <= wait <= 120.0 for wait in sight.waits)
