"""A value of some class, kept as plain bytes."""

from typing import Any, Generic, TypeVar

Value = TypeVar("Value", bound=bytes)


class Packed(Generic[Value]):
    """A field whose value is made of bytes each time it is asked for.

    An instance of a class of bytes costs 16 bytes more than bytes do, and the garbage collector
    follows it: a million of them is most of its work. The slot has the field's name after `_`.
    """

    __slots__ = ("_kind", "_slot")

    def __init__(self, kind: type[Value]) -> None:
        self._kind = kind
        self._slot = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self._slot = f"_{name}"

    def __get__(self, instance: Any, owner: type) -> Value:
        return self._kind(getattr(instance, self._slot))

    def __set__(self, instance: Any, value: Value) -> None:
        setattr(instance, self._slot, bytes(value))
