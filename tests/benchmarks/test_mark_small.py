from typing import Any

import pytest
from benchmarks import mark

KEYS, ANSWERS = 40, 200


@pytest.fixture(scope="module")
def result() -> dict[str, Any]:
    return mark.measure(keys=KEYS, count=ANSWERS, seed=3)


def test_students_of_marked_answers_are_told_and_more_surely_by_more_answers(
    result: dict[str, Any],
) -> None:
    faithful = {row["fidelity"]: row["sizes"] for row in result["marked"]}

    assert faithful[1.0][200]["0.01"] >= 0.9
    assert faithful[1.0][200]["median"] < 0.001
    assert faithful[0.452][200]["0.01"] < faithful[1.0][200]["0.01"]
    medians = [told["median"] for told in faithful[1.0].values()]
    assert medians == sorted(medians, reverse=True)


def test_on_unmarked_answers_the_p_value_is_uniform(result: dict[str, Any]) -> None:
    unmarked = result["unmarked"]

    assert unmarked["sets"] == KEYS * mark.NULLS
    assert unmarked["false"]["0.05"] <= 0.08
    assert unmarked["false"]["0.01"] <= 0.025
    assert unmarked["ks"]["p_value"] > 0.01
    assert unmarked["ks_conservative"] > 0.01


def test_a_share_of_the_teachers_answers_is_taught_and_the_report_says_all(
    result: dict[str, Any],
) -> None:
    taught = [mark.taught("g-1", number) for number in range(400)]
    assert 70 < sum(form is not None for form in taught) < 130

    written = mark.write(result)
    assert "Kolmogorov-Smirnov D" in written
    assert written.count("\n") > len(mark.FIDELITIES) * 3
