import pytest

from distillgate.account.account import Account, AccountSettings
from distillgate.account.texts import Count, Texts
from distillgate.signals.detectors.trace_cleaning import TraceCleaningSettings, trace_cleaning
from distillgate.signals.signal import Family

SETTINGS = TraceCleaningSettings()


def account(hits: int, texts: int = 100) -> Account:
    made = Account("a", 1, 0.0, AccountSettings())
    made.texts = Texts(0.0)
    for _ in range(texts):
        made.texts.add(Count.TEXTS)
    for _ in range(hits):
        made.texts.add(Count.CLEANING)
    return made


def test_most_texts_weigh_a_little() -> None:
    found = trace_cleaning(account(90), SETTINGS, 0.0)

    assert found is not None
    assert found.family is Family.CONTENT
    assert 0 < found.llr <= SETTINGS.ceiling < 1
    assert "90%" in found.text or "91%" in found.text


@pytest.mark.parametrize(("hits", "texts"), [(0, 100), (1, 100), (15, 15)])
def test_few_say_nothing(hits: int, texts: int) -> None:
    assert trace_cleaning(account(hits, texts), SETTINGS, 0.0) is None


def test_an_account_without_texts_of_its_own_says_nothing() -> None:
    assert trace_cleaning(Account("a", 1, 0.0, AccountSettings()), SETTINGS, 0.0) is None
