from distillgate.account.account import Account
from distillgate.engine.assessment import Asked, assess
from distillgate.engine.engine import Engine, EngineSettings


def test_who_sent_nothing_is_at_no_risk() -> None:
    settings = EngineSettings()
    engine = Engine(settings, count=lambda _: 1, secret=b"s" * 32)
    account = Account.new("a", 7, 0.0)

    found = assess(engine.state, settings, Asked(account, ()), 1.0)

    assert (found.risk.total, found.group, found.groups) == (0.0, None, ())
