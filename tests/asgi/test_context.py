from distillgate.asgi.context import Clock


def test_the_clock_never_goes_backwards() -> None:
    times = iter([10.0, 11.0, 5.0, 12.0])
    clock = Clock(lambda: next(times))

    assert [clock() for _ in range(4)] == [10.0, 11.0, 11.0, 12.0]
