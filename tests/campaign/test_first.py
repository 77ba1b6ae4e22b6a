import pytest

from distillgate.account.account import Account
from distillgate.campaign.first import release
from distillgate.fingerprint.sketch import pack, sketch


def first(*requests: list[int]) -> Account:
    """An account whose first text is held back, and the segments of its requests since."""
    account = Account.new("a", 1, 0.0)
    found = sketch(b"Why is the sky blue at noon and red in the evening?")
    assert found is not None
    account.first_text = 7.0, pack(found)
    for segments in requests:
        account.skeleton = account.skeleton.learn(tuple(segments))
    return account


def test_a_first_text_that_nothing_of_came_again_is_given_once() -> None:
    account = first([1, 2], [3])

    ((at, text),) = release(account)

    assert at == 7.0
    assert text.topic @ text.topic == pytest.approx(1.0, abs=1e-3)
    assert list(release(account)) == []


def test_a_first_text_with_what_the_account_always_sends_is_none_of_its_own() -> None:
    assert list(release(first([1, 2], [2, 3]))) == []


def test_where_none_is_held_back_none_is_given() -> None:
    assert list(release(Account.new("a", 1, 0.0))) == []
