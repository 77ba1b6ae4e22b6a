"""Every field of every listed class is written, or is named as one that is not."""

from distillgate.stores.codec import Codec, encode
from distillgate.stores.shapes import SHAPES, VALUES


def test_numbers_are_given_once_and_leave_room_for_the_codecs_own() -> None:
    codes = [*SHAPES, *VALUES]
    assert len(codes) == len(set(codes))
    assert max(codes) < 120


def test_what_is_left_out_are_fields() -> None:
    for shape in SHAPES.values():
        assert shape.without <= set(getattr(shape.kind, "__slots__", ()))
        assert shape.fields


def test_a_blank_one_of_each_comes_back() -> None:
    for shape in SHAPES.values():
        if shape.blank is not None:
            assert isinstance(Codec().decode(encode(shape.blank())), shape.kind)


def test_arrays_of_fixed_length_are_told() -> None:
    lengths = {shape.kind.__name__: set(shape.lengths) for shape in SHAPES.values()}
    assert lengths["Conduct"] == {"words"}
    assert lengths["Account"] == {"_usage"}
