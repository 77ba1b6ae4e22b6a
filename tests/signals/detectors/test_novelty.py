from random import Random

from distillgate.account.account import Account, AccountSettings
from distillgate.account.texts import Count, Texts
from distillgate.signals.detectors.novelty import novelty
from distillgate.signals.signal import Family


def account(texts: list[int]) -> Account:
    made = Account.new("a", 1, 0.0, AccountSettings())
    made.texts = Texts(0.0)
    for text in texts:
        place = made.payloads.place(text)
        if place is not None:
            made.texts.add(Count.SAMPLED)
            if place[1]:
                made.texts.add(Count.AGAIN)
        made.payloads = made.payloads.add(text)
    return made


def draws(count: int, among: int | None = None) -> list[int]:
    dice = Random(1)
    known = [dice.getrandbits(64) for _ in range(among or count)]
    return known if among is None else dice.choices(known, k=count)


def test_what_never_comes_back_weighs_a_little() -> None:
    found = novelty(account(draws(900)), 0.0)

    assert found is not None
    assert found.family is Family.CONTENT
    assert 0 < found.llr <= 0.3
    assert "100% were new when they came" in found.text


def test_what_comes_back_says_nothing() -> None:
    assert novelty(account(draws(900, among=600)), 0.0) is None


def test_few_texts_are_expected_to_be_new() -> None:
    assert novelty(account(draws(150)), 0.0) is None
