"""A real sidecar, killed in the middle of load: the file is sound and lacks only the newest."""

import pytest
from benchmarks.crash import run


@pytest.mark.timeout(300)
def test_a_kill_costs_the_newest_evidence_and_no_more() -> None:
    seconds = 6.0
    rounds = run(2, seconds, rate=100.0)

    for one in rounds:
        assert one.answered > 50
        assert one.decisions > 0
        assert one.sound
        assert one.trouble == 0
        # The bound is a second on a machine that keeps up; this one may be busy with other tests.
        assert one.missing_seconds < seconds - 1.0
        assert one.decisions_lost_seconds < seconds - 1.0
        assert one.missing < one.answered
