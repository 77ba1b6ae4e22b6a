"""Records as bytes: MessagePack of plain values and listed classes, with a checksum.

Reading makes instances of the classes in `stores.shapes` and runs nothing that a file could choose.
"""

import zlib
from array import array
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import msgspec
import numpy as np

from distillgate.errors import StoreError
from distillgate.stores.shapes import SHAPES, VALUES, Shape

_PLAIN = frozenset({int, float, str, bytes, bool, type(None)})
_RAW = frozenset({bytes, str})
_ARRAY, _VECTOR, _WIDE = 120, 121, 122
"""Extension types: an `array`, a numpy array, an integer of more than 64 bits."""
_CRC = 4
_CODES = {shape.kind: code for code, shape in SHAPES.items()}
_FIELDS = {code: shape.fields for code, shape in SHAPES.items()}
_VALUES = {value.kind: (code, value.plain) for code, value in VALUES.items()}


class Layout(NamedTuple):
    """How a class's instances were written."""

    fields: tuple[str, ...]
    lengths: Mapping[str, int]


def layouts() -> dict[int, Layout]:
    """Say how this version writes each class."""
    return {code: Layout(_FIELDS[code], shape.lengths) for code, shape in SHAPES.items()}


class _List(NamedTuple):
    """A list that is meant to be one."""

    value: list[Any]


class Codec:
    """Writes and reads records; what another version wrote, by the layouts that it noted."""

    def __init__(self, written: Mapping[int, Layout] | None = None) -> None:
        ours = layouts()
        self._written = ours if written is None else written
        self._lengths = {code: layout.lengths for code, layout in ours.items()}
        self._decoder = msgspec.msgpack.Decoder(ext_hook=self._made)

    def decode(self, data: bytes) -> Any:
        """Read a record. Raises `StoreError` where it was damaged."""
        if zlib.crc32(data[_CRC:]) != int.from_bytes(data[:_CRC]):
            raise StoreError("a record's checksum is not its own")
        try:
            return _live(self._decoder.decode(data[_CRC:]))
        except (ValueError, TypeError) as error:
            raise StoreError(f"a record cannot be read: {error}") from error

    def _made(self, code: int, data: memoryview) -> Any:
        if code == _WIDE:
            return int.from_bytes(data)
        inner = _live(self._decoder.decode(data))
        if code in VALUES:
            made = VALUES[code].made(inner)
            return _List(made) if type(made) is list else made
        if code == _ARRAY:
            return array(*inner)
        if code == _VECTOR:
            kind, shape, raw = inner
            return np.frombuffer(raw, np.dtype(kind)).reshape(shape).copy()
        return self._instance(code, inner)

    def _instance(self, code: int, values: tuple[Any, ...]) -> Any:
        """Make an instance; None where this version could not make sense of one."""
        if code not in self._written or code not in SHAPES:
            return None
        layout, shape = self._written[code], SHAPES[code]
        if layout.lengths != self._lengths[code]:
            return None
        if layout.fields == _FIELDS[code] and shape.blank is not None:
            return _filled(shape, values)
        given = dict(zip(layout.fields, values, strict=True))
        known = {name: given[name] for name in _FIELDS[code] if name in given}
        if shape.blank is None:
            try:
                return shape.kind(**known)
            except TypeError:
                return None
        made = shape.blank()
        for name, value in known.items():
            if value is not None or getattr(made, name) is None:
                setattr(made, name, value)
        return made


def encode(value: Any) -> bytes:
    """Write a record. Raises `TypeError` for what no record is made of."""
    data = _ENCODER.encode(value if type(value) in _RAW else _written(value))
    return zlib.crc32(data).to_bytes(_CRC) + data


def _written(value: Any) -> Any:
    kind = type(value)
    if kind in _PLAIN:
        wide = kind is int and not -(1 << 63) <= value < 1 << 64
        return _ext(_WIDE, value.to_bytes(-(-value.bit_length() // 8))) if wide else value
    code = _CODES.get(kind)
    if code is not None:
        return _packed(code, (getattr(value, name) for name in _FIELDS[code]))
    if kind in _VALUES:
        code, plain = _VALUES[kind]
        return _ext(code, _ENCODER.encode(_written(plain(value))))
    return _other(value)


def _other(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_written(one) for one in value]
    if isinstance(value, dict):
        return {key: _written(one) for key, one in value.items()}
    if isinstance(value, np.ndarray):
        return _packed(_VECTOR, (value.dtype.str, value.shape, value.tobytes()))
    if isinstance(value, array):
        return _packed(_ARRAY, (value.typecode, value.tobytes()))
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"no record is made of {type(value).__name__}")


def _ext(code: int, data: bytes) -> msgspec.msgpack.Ext:
    return msgspec.msgpack.Ext(code, data)


def _packed(code: int, values: Iterable[Any]) -> msgspec.msgpack.Ext:
    return _ext(code, _ENCODER.encode([_written(value) for value in values]))


def _filled(shape: Shape, values: tuple[Any, ...]) -> Any:
    """Make an instance of fields that are all known: most are, and there are many."""
    made = object.__new__(shape.kind)
    for name, value in zip(_FIELDS[_CODES[shape.kind]], values, strict=True):
        setattr(made, name, value)
    if shape.without and shape.blank is not None:
        blank = shape.blank()
        for name in shape.without:
            setattr(made, name, getattr(blank, name))
    return made


def _live(value: Any) -> Any:
    """Give sequences as tuples again."""
    if type(value) is list:
        return tuple(map(_live, value))
    if type(value) is _List:
        return value.value
    if type(value) is dict:
        return {key: _live(one) for key, one in value.items()}
    return value


_ENCODER = msgspec.msgpack.Encoder()
