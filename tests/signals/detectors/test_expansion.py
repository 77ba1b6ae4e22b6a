from distillgate.account.account import Account, AccountSettings
from distillgate.account.texts import Count, Texts
from distillgate.signals.detectors.expansion import ExpansionSettings, expansion


def test_caps_used_up_count_like_long_answers() -> None:
    account = Account.new("a", 1, 0.0, AccountSettings())
    account.texts = Texts(0.0)
    for which, times in ((Count.ANSWERED, 100), (Count.CAPPED, 95)):
        for _ in range(times):
            account.texts.add(which)

    found = expansion(account, ExpansionSettings(), 0.0)

    assert found is not None
    assert "95% used their output cap up" in found.text
