import gc

from distillgate.account.packed import Packed
from distillgate.account.skeleton import Skeleton


class Holder:
    __slots__ = ("_skeleton",)

    skeleton = Packed(Skeleton)

    def __init__(self) -> None:
        self._skeleton = b""


def test_a_value_comes_back_as_it_was_and_the_collector_follows_nothing() -> None:
    holder, value = Holder(), Skeleton.none().learn((1, 2, 3))
    holder.skeleton = value

    assert holder.skeleton == value
    assert type(holder.skeleton) is Skeleton
    assert gc.is_tracked(value)
    assert not gc.is_tracked(holder._skeleton)
