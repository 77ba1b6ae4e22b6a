from hypothesis import given
from hypothesis import strategies as st

from distillgate.account.skeleton import Skeleton


def learned(*requests: list[int]) -> Skeleton:
    skeleton = Skeleton.none()
    for segments in requests:
        skeleton = skeleton.learn(tuple(segments))
    return skeleton


def fixed(skeleton: Skeleton, segments: range) -> set[int]:
    return skeleton.of(segments)


def test_what_comes_back_in_the_next_request_is_its_own_fixed_text() -> None:
    assert fixed(learned([1, 2, 3]), range(10)) == set()
    assert fixed(learned([1, 2, 3], [4, 2, 3]), range(10)) == {2, 3}
    assert fixed(learned([1, 2, 3], [4], [1, 2, 3]), range(10)) == set()


def test_what_is_in_every_request_stays() -> None:
    assert fixed(learned(*([1, 2, 10 + i] for i in range(100))), range(200)) == {1, 2}


def test_what_was_repeated_by_chance_is_let_go() -> None:
    skeleton = learned([1, 2], [1, 2], *([2, 10 + i] for i in range(20)))

    assert fixed(skeleton, range(100)) == {2}


def test_a_wrapper_survives_ordinary_requests_in_between() -> None:
    wrapped = [[1, 2, 1000 + i] if i % 2 else [2000 + i] for i in range(100)]

    skeleton = learned([1, 2], [1, 2], *wrapped)

    assert fixed(skeleton, range(3000)) == {1, 2}


def test_what_was_let_go_can_be_fixed_again() -> None:
    gone = learned([1], [1], *([10 + i] for i in range(20)))
    assert not gone.of([1])

    for _ in range(2):
        gone = gone.learn((1,))

    assert gone.of([1]) == {1}


@given(st.lists(st.lists(st.integers(0, 300), max_size=80), max_size=30))
def test_the_fixed_text_of_one_account_is_bounded(requests: list[list[int]]) -> None:
    found = fixed(learned(*requests), range(301))

    assert len(found) <= 32
    assert found <= {value for segments in requests for value in segments}


def test_what_is_let_go_makes_room() -> None:
    crowd = list(range(100, 140))
    skeleton = learned(crowd, crowd, *([i] for i in range(1000, 1100)), [1], [1])

    assert fixed(skeleton, range(2000)) == {1}
