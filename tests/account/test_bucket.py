import pytest
from hypothesis import given
from hypothesis import strategies as st

from distillgate.account.bucket import Bucket, Buckets

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["begin", "settle", "time"]), st.integers(0, 100), st.floats(0.0, 1.0)
    ),
    max_size=80,
)


@given(STEPS)
def test_no_interleaving_of_reserve_and_settle_overruns(
    steps: list[tuple[str, int, float]],
) -> None:
    bucket, buckets = Bucket(100.0, 60.0), Buckets()
    start = now = 1000.0
    held: list[float] = []
    spent = 0.0
    for what, number, share in steps:
        if what == "time":
            now += number * share
        elif what == "begin" and buckets.wait("b", bucket, number, now) == 0:
            buckets.take("b", bucket, number, now)
            held.append(float(number))
        elif what == "settle" and held:
            reserved = held.pop(number % len(held))
            used = reserved * share  # never more than was reserved
            buckets.take("b", bucket, used - reserved, now)
            spent += used
        allowed = bucket.capacity * (1 + (now - start) / bucket.seconds)
        assert spent + sum(held) <= allowed + 1e-6
        assert 0 <= buckets.used("b", bucket, now) <= bucket.capacity + 1e-6


@given(st.lists(st.floats(0.1, 100.0), min_size=1, max_size=20), st.floats(0.1, 100.0))
def test_the_wait_is_neither_too_long_nor_too_short(taken: list[float], amount: float) -> None:
    bucket, buckets = Bucket(100.0, 60.0), Buckets()
    for one in taken:
        buckets.take("b", bucket, one, 0.0)

    wait = buckets.wait("b", bucket, amount, 0.0)

    assert buckets.wait("b", bucket, amount, wait + 1e-6) == 0
    if wait > 0.01:
        assert buckets.wait("b", bucket, amount, wait * 0.99) > 0


def test_the_wait_can_be_reckoned_by_hand() -> None:
    bucket, buckets = Bucket(60.0, 60.0), Buckets()
    buckets.take("b", bucket, 50.0, 0.0)

    assert buckets.wait("b", bucket, 10.0, 0.0) == 0
    assert buckets.wait("b", bucket, 30.0, 0.0) == pytest.approx(20.0)
    assert buckets.wait("b", bucket, 30.0, 5.0) == pytest.approx(15.0)


def test_more_than_the_bucket_passes_when_it_is_untouched_and_is_paid_off_after() -> None:
    bucket, buckets = Bucket(60.0, 60.0), Buckets()
    assert buckets.wait("b", bucket, 600.0, 0.0) == 0
    buckets.take("b", bucket, 600.0, 0.0)

    assert buckets.wait("b", bucket, 1.0, 0.0) == pytest.approx(541.0)
    assert buckets.wait("b", bucket, 600.0, 599.0) == pytest.approx(1.0)
    assert buckets.wait("b", bucket, 600.0, 600.0) == 0


def test_what_was_not_used_comes_back_at_once() -> None:
    bucket, buckets = Bucket(60.0, 60.0), Buckets()
    buckets.take("b", bucket, 60.0, 0.0)
    buckets.take("b", bucket, -55.0, 1.0)

    assert buckets.used("b", bucket, 1.0) == pytest.approx(4.0)


def test_giving_back_never_makes_credit() -> None:
    bucket, buckets = Bucket(60.0, 60.0), Buckets()
    buckets.take("b", bucket, 10.0, 0.0)
    buckets.take("b", bucket, -1000.0, 0.0)

    assert buckets.used("b", bucket, 0.0) == 0
    assert buckets.wait("b", bucket, 61.0, 0.0) == 0
    buckets.take("b", bucket, 60.0, 0.0)
    assert buckets.wait("b", bucket, 1.0, 0.0) > 0


def test_a_clock_that_steps_back_refills_nothing_twice() -> None:
    bucket, buckets = Bucket(60.0, 60.0), Buckets()
    buckets.take("b", bucket, 60.0, 100.0)
    for now in (50.0, 100.0, 50.0, 100.0):
        buckets.take("b", bucket, 0.0, now)

    assert buckets.used("b", bucket, 100.0) == pytest.approx(60.0)
    assert buckets.used("b", bucket, 130.0) == pytest.approx(30.0)


def test_buckets_of_other_names_are_others() -> None:
    bucket, buckets = Bucket(60.0, 60.0), Buckets()
    buckets.take("one", bucket, 60.0, 0.0)

    assert buckets.wait("one", bucket, 1.0, 0.0) > 0
    assert buckets.wait("other", bucket, 60.0, 0.0) == 0


@given(STEPS)
def test_no_period_of_a_quota_sees_more_than_its_capacity(
    steps: list[tuple[str, int, float]],
) -> None:
    quota, buckets, now, taken = Bucket(100.0, 60.0, quota=True), Buckets(), 1000.0, 0.0
    began: float | None = None
    for _, number, share in steps:
        now += 40 * share
        if began is None or now - began >= quota.seconds:
            began, taken = None, 0.0
        if number and buckets.wait("q", quota, number, now) == 0:
            buckets.take("q", quota, number, now)
            began = now if began is None else began
            taken += number
        assert taken <= quota.capacity
        assert buckets.used("q", quota, now) == taken


def test_a_quota_begins_anew_all_at_once() -> None:
    quota, buckets = Bucket(10.0, 60.0, quota=True), Buckets()
    buckets.take("q", quota, 10.0, 5.0)

    assert buckets.wait("q", quota, 1.0, 64.0) == pytest.approx(1.0)
    assert buckets.wait("q", quota, 10.0, 65.0) == 0


def test_what_is_given_back_to_a_quota_leaves_its_period_alone() -> None:
    quota, buckets = Bucket(10.0, 60.0, quota=True), Buckets()
    buckets.take("q", quota, 8.0, 0.0)

    buckets.take("q", quota, -4.0, 30.0)

    assert buckets.used("q", quota, 59.0) == 4.0
    assert buckets.used("q", quota, 60.0) == 0.0
