import pytest

from distillgate.account.account import Account, AccountSettings
from distillgate.account.texts import Count, Texts
from distillgate.signals.detectors.expansion import ExpansionSettings, expansion
from distillgate.signals.signal import Family

SETTINGS = ExpansionSettings()


def account(hits: int, texts: int = 100) -> Account:
    made = Account("a", 1, 0.0, AccountSettings())
    made.texts = Texts(0.0)
    for _ in range(texts):
        made.texts.add(Count.ANSWERED)
    for _ in range(hits):
        made.texts.add(Count.EXPANDED)
    return made


def test_most_texts_weigh_a_little() -> None:
    found = expansion(account(90), SETTINGS, 0.0)

    assert found is not None
    assert found.family is Family.CONTENT
    assert 0 < found.llr <= SETTINGS.ceiling < 1
    assert "90%" in found.text or "91%" in found.text


@pytest.mark.parametrize(("hits", "texts"), [(0, 100), (20, 100), (15, 15)])
def test_few_say_nothing(hits: int, texts: int) -> None:
    assert expansion(account(hits, texts), SETTINGS, 0.0) is None


def test_an_account_without_texts_of_its_own_says_nothing() -> None:
    assert expansion(Account("a", 1, 0.0, AccountSettings()), SETTINGS, 0.0) is None


def test_caps_used_up_count_like_long_answers() -> None:
    made = account(0)
    assert made.texts is not None
    for _ in range(95):
        made.texts.add(Count.CAPPED)

    found = expansion(made, SETTINGS, 0.0)

    assert found is not None
    assert "95% used their output cap up" in found.text
