import pytest
from pydantic import ValidationError

from distillgate.cells.settings import CellSettings

URL = "redis://127.0.0.1:6379/0"


def test_without_a_server_there_are_no_other_cells() -> None:
    assert CellSettings().url is None


def test_a_cell_has_a_name() -> None:
    assert CellSettings.model_validate({"url": URL, "name": "eu-1"}).name == "eu-1"
    with pytest.raises(ValidationError, match="`name` this cell"):
        CellSettings.model_validate({"url": URL})
    with pytest.raises(ValidationError, match="pattern"):
        CellSettings.model_validate({"url": URL, "name": "a cell"})


def test_an_address_that_cannot_be_read_is_an_error() -> None:
    with pytest.raises(ValidationError, match="not like redis"):
        CellSettings.model_validate({"url": "http://host", "name": "a"})
