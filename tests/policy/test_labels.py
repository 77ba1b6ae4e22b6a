"""What people found of accounts: the latest word counts, and the oldest goes."""

from distillgate.policy import labels
from distillgate.policy.labels import Label, Labels


def test_the_latest_label_of_an_account_counts() -> None:
    held = Labels()
    held.set(Label("a", "unsure", 1.0, "anna"))
    held.set(Label("a", "honest", 2.0, "bo", "they called"))

    assert [one.says for one in held] == ["honest"]
    assert held.of("a") == Label("a", "honest", 2.0, "bo", "they called")
    held.drop("a")
    assert held.of("a") is None


def test_of_too_many_the_one_that_was_said_longest_ago_goes() -> None:
    held = Labels()
    for number in range(labels.MOST):
        held.set(Label(f"a-{number}", "honest", 0.0, "anna"))
    held.set(Label("a-0", "confirmed", 1.0, "anna"))
    held.set(Label("new", "honest", 2.0, "anna"))

    assert len(held) == labels.MOST
    assert held.of("a-1") is None
    assert held.of("a-0") is not None
