import pytest

from distillgate.account.account import Account
from distillgate.account.texts import Count, Texts
from distillgate.signals.detectors.elicitation_search import elicitation_search
from distillgate.signals.signal import Family


def account(tries: int, wordings: int, texts: int, refused: int = 0) -> Account:
    made = Account.new("a", 1, 0.0)
    made.texts = Texts(0.0)
    for count, times in ((Count.TEXTS, texts), (Count.HIDDEN, tries), (Count.REFUSED, refused)):
        for _ in range(times):
            made.texts.add(count)
    for wording in range(wordings):
        made.texts.word(wording)
    return made


def test_many_wordings_weigh_and_refusals_make_fewer_enough() -> None:
    taken = elicitation_search(account(40, 40, 60), 0.0)
    refused = elicitation_search(account(40, 40, 60, refused=30), 0.0)

    assert taken is not None
    assert refused is not None
    assert taken.family is Family.SIGNATURE
    assert refused.llr == pytest.approx(taken.llr + 1.0)
    assert "30 were refused" in refused.text


@pytest.mark.parametrize(
    ("tries", "wordings", "texts"),
    [(0, 0, 100), (8, 8, 8), (16, 16, 20), (300, 1, 300), (40, 40, 400)],
)
def test_curiosity_a_fixed_wording_and_a_few_of_many_users_say_nothing(
    tries: int, wordings: int, texts: int
) -> None:
    assert elicitation_search(account(tries, wordings, texts), 0.0) is None


def test_an_account_without_texts_of_its_own_says_nothing() -> None:
    made = Account.new("a", 1, 0.0)

    assert elicitation_search(made, 0.0) is None
