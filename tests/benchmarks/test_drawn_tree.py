import random

from benchmarks.detection.drawn import tree


def test_a_tree_finds_the_parameter_that_a_figure_was_made_to_depend_on() -> None:
    dice = random.Random(1)
    planted = [dice.random() for _ in range(200)]
    rows = [
        {"planted": value, "noise": dice.random(), "kind": dice.choice("abc")} for value in planted
    ]
    values = [float(value < 0.3) + dice.gauss(0.0, 0.1) for value in planted]

    first, yes, *_ = tree.grow(rows, values)

    assert first.endswith("(200)")
    assert yes.strip().startswith("planted < 0.")
    border = float(yes.strip().removeprefix("planted < ").split(":")[0])
    assert 0.25 < border < 0.35


def test_a_tree_finds_the_categories_that_a_figure_was_made_to_depend_on() -> None:
    dice = random.Random(2)
    kinds = [dice.choice("abcd") for _ in range(200)]
    rows = [{"noise": dice.random(), "kind": kind} for kind in kinds]
    values = [float(kind in "bd") + dice.gauss(0.0, 0.1) for kind in kinds]

    _, yes, *_ = tree.grow(rows, values)

    assert yes.strip().startswith("kind in (a, c): ")


def test_a_tree_leaves_noise_in_one_piece() -> None:
    dice = random.Random(3)
    rows = [{"noise": dice.random(), "other": dice.random()} for _ in range(2_000)]

    lines = list(tree.grow(rows, [dice.random() for _ in rows]))

    assert len(lines) == 1


def test_a_heavier_row_counts_more() -> None:
    [line] = tree.grow([{"a": 1}, {"a": 2}], [0.0, 1.0], [1.0, 3.0])

    assert line == "all: 0.750 (2)"
