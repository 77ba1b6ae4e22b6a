"""What one exchange costs, phase by phase."""

from benchmarks import phases


def test_every_phase_of_an_exchange_takes_time() -> None:
    found = phases.play(24)

    assert list(found) == ["read", "begin", "answer", "finish", "log", "apply"]
    assert all(taken > 0 for taken in found.values())
