"""The one form of record, and how records become bytes.

A record is a `msgspec.Struct`, written as an array of its fields. It evolves by defaults: a field
is only ever added at the end, with a default. Older bytes then read as if they had the default, and
an older version leaves out what it does not know. A value of a class of ours (a packed counter, a
numpy vector) is written as its bytes and read by the class's own `of`.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, Protocol, TypeVar, get_origin

import msgspec
import numpy as np

from distillgate.errors import StoreError

T = TypeVar("T")


class Record(msgspec.Struct, array_like=True, gc=False):
    """The base of every record. `gc=False`: no record is part of a cycle of references."""


class FrozenRecord(msgspec.Struct, array_like=True, gc=False, frozen=True):
    """The base of records that are values."""


class FrozenStruct(msgspec.Struct, gc=False, frozen=True):
    """The base of what stages hand each other of one exchange; never written.

    An exchange makes some thirty: one takes 50 ns, 320 as a `NamedTuple`, and a changed copy 30
    (470).
    """


class Part(Protocol):
    """A part of the state that is written as pieces, each small enough for one slice of work."""

    def dump(self) -> Iterator[bytes]:
        """Write the part. It must not change until the last piece is taken."""

    def load(self, piece: bytes) -> None:
        """Read the next piece of what `dump` wrote, into an empty part. Raises `StoreError`."""


class Decoder(msgspec.Struct, frozen=True):
    """Reads values of one type."""

    inner: Any

    def __call__(self, data: bytes) -> Any:
        """Read a value. Raises `StoreError` for bytes that are none."""
        try:
            return self.inner.decode(data)
        except (msgspec.MsgspecError, ValueError, TypeError) as error:
            raise StoreError(f"cannot read a record: {error}") from error


def batched(items: Iterable[T], size: int = 256) -> Iterator[list[T]]:
    """Return items some at a time: as many as one piece of a few tenths of a millisecond has."""
    left = iter(items)
    while some := list(islice(left, size)):
        yield some


def decoder(kind: Any) -> Decoder:
    """Return what reads values of a type."""
    return Decoder(msgspec.msgpack.Decoder(kind, dec_hook=_read))


def _read(kind: Any, written: Any) -> Any:
    if (get_origin(kind) or kind) is np.ndarray:
        return np.frombuffer(written, np.float64).copy()
    return kind.of(written)


def _write(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.astype(np.float64, copy=False).tobytes()
    if isinstance(value, np.generic):
        return value.item()
    return bytes(value)


encode = msgspec.msgpack.Encoder(enc_hook=_write).encode
"""Write a value."""
