from distillgate.account.account import Account
from distillgate.account.conduct import Conduct, Trait, Word
from distillgate.signals.detectors.relay import relay
from distillgate.signals.signal import Signal


def asked(systems: int, scripts: int, interleaved: int = 30, declared: int = 0) -> Signal | None:
    account = Account.new("a", 1, 0.0)
    account.conduct = Conduct(0.0, 30)
    for number in range(systems):
        account.conduct.mark(Word.SYSTEMS, 2, number)
    account.conduct.words[Word.SCRIPTS] = 2**scripts - 1
    for number in range(40):
        account.conduct.count(Trait.INTERLEAVED, number < interleaved, 0.0)
    account.conduct.add(Word.DECLARED, declared)
    return relay(account, 0.0)


def test_unrelated_conversations_on_one_key_are_weighed() -> None:
    found = asked(30, 4)

    assert found is not None
    assert found.llr == 0.6
    assert "in 4 scripts" in found.text


def test_one_instruction_one_person_and_named_end_users_say_nothing() -> None:
    assert asked(1, 4) is None
    assert asked(30, 4, interleaved=5) is None
    assert asked(30, 4, declared=1) is None
