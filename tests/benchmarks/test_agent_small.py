"""What an agent's conversation costs, in both forms."""

from benchmarks import agent


def test_every_phase_of_both_forms_takes_time() -> None:
    found = agent.play(steps=6, measured=2)
    assert len(found) == 6
    assert min(found.values()) > 0
