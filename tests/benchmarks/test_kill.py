"""The kill switch of a real sidecar under load."""

from benchmarks.kill import measure


def test_a_kill_is_shadow_at_once_and_loses_no_request() -> None:
    run = measure(clients=12, throttled=8, requests=600)

    assert run.refused_before > 0
    assert run.lost == 0
    assert run.refused_after == 0
    assert len(run.calls) >= 600
