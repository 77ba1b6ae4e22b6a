from tests.remembering import moved

from distillgate.account.account import Account
from distillgate.account.table import AccountTable


def account(name: str, risk: float = 0.0) -> Account:
    made = Account.new(name, hash(name), 0.0)
    made.risk = risk
    return made


def test_what_was_put_is_found() -> None:
    table = AccountTable(10, hash)
    made = account("a")
    table.put(made)

    assert table.get("a") is made
    assert table.touch("a") is made
    assert table.get("b") is None
    assert table.touch("b") is None
    assert list(table) == [made]
    assert len(table) == 1


def test_the_longest_idle_goes_first() -> None:
    table = AccountTable(3, hash)
    for name in "abc":
        table.put(account(name))
    table.touch("a")
    table.put(account("d"))

    assert {known.name for known in table} == {"a", "c", "d"}
    assert table.evicted == 1


def test_looking_is_not_using() -> None:
    table = AccountTable(2, hash)
    table.put(account("a"))
    table.put(account("b"))
    table.get("a")
    table.put(account("c"))

    assert table.get("a") is None


def test_the_risky_outlive_a_hundred_thousand_newcomers() -> None:
    table = AccountTable(200, hash)
    campaign = [f"bad-{i}" for i in range(60)]
    for name in campaign:
        table.put(account(name, risk=3.0))

    for i in range(100_000):
        table.put(account(f"new-{i}"))

    assert all(table.get(name) is not None for name in campaign)
    assert len(table) == 200
    assert table.evicted == 100_060 - 200


def test_a_table_of_only_risky_accounts_still_has_room() -> None:
    table = AccountTable(20, hash)
    for i in range(500):
        table.put(account(f"bad-{i}", risk=float(i % 7)))

    assert len(table) == 20
    assert table.get("bad-499") is not None


def test_a_table_of_one_works() -> None:
    table = AccountTable(1, hash)
    table.put(account("a", risk=9.0))
    table.put(account("b"))

    assert [known.name for known in table] == ["b"]


def test_pardons_and_restrictions_outlive_newcomers_without_any_risk() -> None:
    table = AccountTable(40, hash)
    pardoned, held, restricted = account("pardoned"), account("held"), account("restricted")
    pardoned.pardoned_until = held.held_until = 9e9
    restricted.restriction = 5
    for made in (pardoned, held, restricted):
        table.put(made)
    for i in range(5_000):
        table.put(account(f"new-{i}"))

    assert all(table.get(name) for name in ("pardoned", "held", "restricted"))


def test_the_worthy_take_no_more_than_half_of_the_room() -> None:
    table = AccountTable(100, hash)
    for i in range(1_000):
        table.put(account(f"bad-{i}", risk=1.0))
    for i in range(200):
        table.put(account(f"new-{i}"))

    # Half, and of the rest no more than are compared when one of them must go.
    assert 50 <= sum(known.risk > 0 for known in table) < 50 + 16
    assert len(table) == 100


def test_accounts_come_back_in_the_order_of_their_use() -> None:
    table, again = AccountTable(4, hash), AccountTable(4, hash)
    for name in "abcdef":
        table.put(account(name, risk=float(name == "b")))
    table.touch("d")
    moved(table, again)

    assert [known.name for known in again] == [known.name for known in table]
    assert again.evicted == table.evicted == 2
    for name in "ghi":
        table.put(account(name))
        again.put(account(name))
    assert [*again] == [*table]
    assert again.get("b") is not None
