from distillgate.account.account import Account
from distillgate.account.conduct import Conduct, Word
from distillgate.signals.detectors.many_clients import many_clients
from distillgate.signals.signal import Signal


def asked(networks: int, agents: int, declared: int = 0) -> Signal | None:
    account = Account.new("a", 1, 0.0)
    account.conduct = Conduct(0.0, 30)
    for number in range(networks):
        account.conduct.mark(Word.NETWORKS, 2, number)
    for number in range(agents):
        account.conduct.mark(Word.AGENTS, 2, number)
    account.conduct.add(Word.DECLARED, declared)
    return many_clients(account, 0.0)


def test_many_networks_and_clients_are_weighed() -> None:
    found = asked(40, 10)

    assert found is not None
    assert found.llr == 0.5
    assert "different clients" in found.text


def test_one_office_one_program_and_named_end_users_say_nothing() -> None:
    assert asked(1, 40) is None
    assert asked(40, 1) is None
    assert asked(40, 10, declared=1) is None
