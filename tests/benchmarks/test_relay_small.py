"""What relaying costs trees that are asked in turns."""

from benchmarks import relay


def test_each_tree_is_asked_in_every_round() -> None:
    found = relay.compare([relay.HERE], rounds=2, seconds=0.2)
    assert [len(costs) for costs in found.values()] == [2]
    assert min(min(costs) for costs in found.values()) > 0
