from collections import Counter

from benchmarks.detection.budget import Fitted, write

from distillgate.risk.calibration import Calibration


def test_the_table_gives_exact_bounds_in_all_and_for_each_class() -> None:
    many = Counter({"chat users": 40_000, "resellers": 20})
    one = Fitted("honest", Calibration(budget=1e-4), (3, 400), many, Counter({"resellers": 1}))

    _, line = write([one])

    # Clopper and Pearson: one of 40,020 and one of 20 at 95 %, two-sided.
    assert "0.000001-0.000139" in line
    assert "resellers 1/20 (0.001265-0.248733)" in line
    assert "1/2 shown below 0.0003" in line
    assert "3/400" in line
