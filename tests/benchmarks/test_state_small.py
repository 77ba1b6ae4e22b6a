from collections import Counter
from typing import Any

import pytest
from benchmarks import machine, state, state_tables
from benchmarks.crowd import Crowd


@pytest.fixture(scope="module")
def result() -> dict[str, Any]:
    return state.measure(machine.Cores(None, None), quick=False, calibration={}, accounts=300)


def test_every_account_is_live_and_its_memory_is_told_by_owner(result: dict[str, Any]) -> None:
    assert (result["accounts"], result["exchanges"]) == (300, 600)
    assert result["groups"] > 10
    assert result["owners"]["accounts"] > 300 * 200
    assert result["rows"] >= 300
    assert result["fixed_bytes"] > 0.9 * result["table_bytes"] > 1e6


def test_every_size_of_text_is_timed_and_the_report_names_it(result: dict[str, Any]) -> None:
    written = state_tables.write(result)
    for size in state.TEXTS:
        for part in state.PARTS:
            assert result["sizes"][size][part]["count"] == 300
            assert f"{part}, {size}" in written
    assert result["slices"]["count"] >= result["exchanges"]
    assert len(result["largest"]) == state.LARGEST


def test_a_crowd_sends_three_to_six_exchanges_an_account_and_shares_prompts() -> None:
    crowd = Crowd.of(200)
    exchanges = list(crowd.play())

    assert set(Counter(e.account for e in exchanges).values()) <= {3, 4, 5, 6}
    assert len({e.request.newest for e in exchanges}) == len(exchanges)
    prompts = Counter(id(sender.prompt) for sender in crowd.senders if sender.prompt)
    assert max(prompts.values()) >= 6


def test_text_is_of_the_size_asked() -> None:
    crowd = Crowd.of(100)
    sender = next(sender for sender in crowd.senders if sender.prompt is None)

    assert len(crowd.exchange(sender, 4096).request.newest) == 4096
