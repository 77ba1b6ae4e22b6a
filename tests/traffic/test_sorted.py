"""Records come in order, equal ones as they came, however few fit in memory."""

import random
from pathlib import Path

import pytest

from distillgate.traffic.sorted import Sorter


@pytest.mark.parametrize("held", [1, 1000, 1 << 20])
def test_records_come_in_order_and_leave_no_file(tmp_path: Path, held: int) -> None:
    dice = random.Random(1)
    given = [(b"%03d" % dice.randrange(200), b"%d" % number) for number in range(500)]
    sorter = Sorter(tmp_path, held_bytes=held)
    for key, data in given:
        sorter.add(key, data)
    assert (len(list(tmp_path.iterdir())) > 0) is (held < 1 << 20)

    found = [(key, data) for key, data in sorter]

    assert found == sorted(given, key=lambda one: one[0])
    assert list(tmp_path.iterdir()) == []
