from distillgate_lab.drill.answer import Answer, Fate
from distillgate_lab.drill.ledger import Row


def test_the_first_restriction_is_told_by_the_exchanges_before_it() -> None:
    row = Row()
    for account, fate in (
        ("a", Fate.ALLOWED),
        ("b", Fate.FAILED),
        ("a", Fate.HELD),
        ("a", Fate.THROTTLED),
        ("b", Fate.REFUSED),
        ("a", Fate.ALLOWED),
    ):
        row.enter(account, Answer(fate, said="x" if fate.restricts else ""))

    assert row.first == 2
    assert row.exchanges == 5
    assert row.restricted == {"a", "b"}
    assert row.said == {"x": 2}


def test_what_is_never_restricted_has_no_first() -> None:
    row = Row()
    row.enter("a", Answer(Fate.FAILED, "500"))

    assert (row.first, row.exchanges) == (None, 1)
