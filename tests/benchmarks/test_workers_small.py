"""Workers under load, for a moment: what is measured is there and means what it says."""

from benchmarks import workers
from benchmarks.machine import Cores


def test_one_and_two_workers_are_compared() -> None:
    result = workers.measure(Cores(None, None), quick=True, calibration={})

    assert [row["workers"] for row in result["rows"]] == [1, 2]
    assert all(row["per_second"] > 0 and row["cpu_us"] > 0 for row in result["rows"])
    text = workers.write(result)
    assert "2 workers answer" in text
    assert "would carry" in text
