"""The benchmark of a heavy account, made small."""

from benchmarks import heavy


def test_every_phase_of_a_heavy_account_is_measured() -> None:
    taken = heavy.play(before=6, sent=6, measured=3)

    assert set(taken) == {"read", "begin", "answer", "finish", "log", "apply"}
    assert all(us > 0 for us in taken.values())
