"""Tables of places come back as they were, where they are of the same size."""

import numpy as np
import pytest

from distillgate.records.places import Places


def _table(places: int) -> tuple[np.ndarray, np.ndarray, Places]:
    one, pair = np.zeros(places, np.uint64), np.zeros((places, 2), np.uint32)
    return one, pair, Places(one, pair)


@pytest.mark.parametrize("places", [1, 16, 1 << 15])
def test_filled_places_come_back(places: int) -> None:
    one, pair, table = _table(places)
    one[places // 2] = 2**64 - 1
    pair[-1, 1] = 7
    again_one, again_pair, again = _table(places)
    for piece in table.dump():
        again.load(piece)

    assert (again_one == one).all()
    assert (again_pair == pair).all()


def test_an_empty_table_takes_no_bytes_and_few_places_few() -> None:
    one, _, table = _table(1 << 15)
    assert list(table.dump()) == []
    one[5] = 1
    assert sum(map(len, table.dump())) < 100


def test_of_a_table_of_another_size_nothing_is_taken() -> None:
    one, _, table = _table(32)
    one[3] = 1
    other, _, again = _table(64)
    for piece in table.dump():
        again.load(piece)

    assert not other.any()
