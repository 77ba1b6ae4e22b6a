from tests.signals.conftest import wrote

from distillgate.account.account import Account
from distillgate.account.texts import Count, Texts
from distillgate.signals.detectors.expansion import expansion


def test_caps_used_up_count_like_long_answers() -> None:
    account = Account.new("a", 1, 0.0)
    account.texts = Texts(0.0)
    for which, times in ((Count.ANSWERED, 100), (Count.CAPPED, 95)):
        for _ in range(times):
            account.texts.add(which)

    found = expansion(account, 0.0)

    assert found is not None
    assert "95% used their output cap up" in found.text


def test_long_answers_weigh_a_little_and_a_usual_share_nothing() -> None:
    found = expansion(wrote(Count.EXPANDED, 90, of=Count.ANSWERED), 0.0)

    assert found is not None
    assert 0 < found.llr <= 0.4
    assert "90% of its questions" in found.text
    assert expansion(wrote(Count.EXPANDED, 20, of=Count.ANSWERED), 0.0) is None
    assert expansion(wrote(Count.EXPANDED, 15, 15, of=Count.ANSWERED), 0.0) is None
