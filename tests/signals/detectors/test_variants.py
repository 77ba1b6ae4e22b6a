from tests.signals.conftest import wrote

from distillgate.account.account import Account, AccountSettings
from distillgate.account.texts import Count
from distillgate.signals.detectors.variants import variants


def test_most_texts_weigh_a_little() -> None:
    found = variants(wrote(Count.VARIED, 90), 0.0)

    assert found is not None
    assert 0 < found.llr <= 0.4
    assert "90% of its texts" in found.text


def test_few_say_nothing() -> None:
    assert variants(wrote(Count.VARIED, 15), 0.0) is None
    assert variants(wrote(Count.VARIED, 15, texts=15), 0.0) is None
    assert variants(Account.new("a", 1, 0.0, AccountSettings()), 0.0) is None
