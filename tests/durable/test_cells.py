import numpy as np

from distillgate.durable.cells import Cells


def arrays(places: int) -> tuple[np.ndarray, np.ndarray]:
    return np.zeros(places, np.uint32), np.zeros((places, 3), np.float64)


def test_what_is_in_a_cell_comes_back_in_its_place() -> None:
    one, two = arrays(64)
    cells = Cells(one, two)
    one[17], two[63, 1] = 5, 2.5
    other = arrays(64)
    copy = Cells(*other)
    copy.load(cells.dump(cells.kept()))

    assert cells.kept() == [1, 3]
    assert (other[0] == one).all()
    assert (other[1] == two).all()


def test_changed_places_are_noted_by_their_cell() -> None:
    cells = Cells(*arrays(64))
    cells.note((1,))
    cells.changed.take()
    cells.note((1, 15, 16))

    assert cells.changed.take() == {0, 1}


def test_tables_of_other_sizes_are_laid_out_otherwise() -> None:
    assert Cells(*arrays(64)).layout != Cells(*arrays(32)).layout
    assert Cells(*arrays(4)).layout == "1x16 1x96"


def test_nothing_loads_nothing() -> None:
    one, two = arrays(16)
    Cells(one, two).load(())
    assert not one.any()
