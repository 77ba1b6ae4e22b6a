import pytest

from distillgate.account.account import Account
from distillgate.account.texts import Count, Texts
from distillgate.fingerprint.templates import TEMPLATES
from distillgate.signals.detectors.known_template import known_template
from distillgate.signals.signal import Family


def account(signed: int, texts: int) -> Account:
    made = Account.new("a", 1, 0.0)
    made.texts = Texts(0.0)
    made.texts.signature = 4
    for _ in range(texts):
        made.texts.add(Count.TEXTS)
    for _ in range(signed):
        made.texts.add(Count.SIGNED)
    return made


def test_every_doubling_of_different_texts_weighs_more_up_to_a_ceiling() -> None:
    weights = [
        found.llr
        for signed in (32, 64, 128, 256, 4096)
        if (found := known_template(account(signed, signed), 0.0)) is not None
    ]

    assert weights == pytest.approx([1.0, 2.0, 3.0, 4.0, 4.0])


def test_it_names_the_template_and_its_source() -> None:
    found = known_template(account(64, 64), 0.0)

    assert found is not None
    assert found.family is Family.SIGNATURE
    assert TEMPLATES[4].name in found.text
    assert TEMPLATES[4].source in found.text


@pytest.mark.parametrize(("signed", "texts"), [(0, 100), (16, 16), (100, 600)])
def test_trying_it_out_or_one_of_many_users_says_nothing(signed: int, texts: int) -> None:
    assert known_template(account(signed, texts), 0.0) is None


def test_an_account_without_texts_of_its_own_says_nothing() -> None:
    assert known_template(Account.new("a", 1, 0.0), 0.0) is None
