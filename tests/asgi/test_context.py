from distillgate.asgi.context import Clock


def test_the_clock_never_goes_backwards() -> None:
    times = iter([10.0, 11.0, 5.0, 12.0])
    clock = Clock(lambda: next(times))

    assert [clock() for _ in range(4)] == [10.0, 11.0, 11.0, 12.0]


def test_a_clock_agrees_with_anothers_as_far_as_that_proves_it_wrong() -> None:
    clock = Clock(lambda: 100.0)
    clock.agree(99.0, 100.2, 100.0)
    assert clock() == 100.2
    clock.agree(99.0, 99.9, 100.0)
    assert clock() == 100.2
    clock.agree(100.0, 3700.0, 100.0)
    assert clock() == 3700.0


def test_a_clock_that_was_ahead_stands_until_it_agrees() -> None:
    now = [100.0]
    clock = Clock(lambda: now[0])
    assert clock() == 100.0
    clock.agree(100.0, 90.0, 100.0)
    assert clock() == 100.0
    now[0] = 120.0
    assert 110.0 <= clock() <= 110.01
