"""What happened, as entries of a journal: who applies the same ones in the same order knows the
same. No text, only keyed hashes, sketches and counts.
"""

import zlib
from typing import Literal, TypeAlias

import msgspec
from msgspec import Struct

from distillgate.errors import StoreError
from distillgate.fingerprint.observation import Observation
from distillgate.policy.charge import Charge

_CRC = 4
"""Bytes of the checksum that stands before an entry."""


class Order(Struct, frozen=True, array_like=True, tag="order"):
    """What a person did: see `inquiry.Inquiry`."""

    at: float
    deed: Literal["pardon", "lift", "name", "forget"]
    """Hold no group's evidence against an account, or nothing at all; give a group a name; forget
    what is remembered of it."""
    subject: str | int
    """The account's name, or the group's key."""
    until: float = 0.0
    name: str = ""


Entry: TypeAlias = Observation | Charge | Order


def encode(entry: Entry) -> bytes:
    """Write an entry."""
    data = _ENCODER.encode(entry)
    return zlib.crc32(data).to_bytes(_CRC) + data


def decode(data: bytes) -> Entry:
    """Read what `encode` wrote. Raises `StoreError` where it was damaged, or is another version's.

    A version that adds fields at an entry's end can be read by the one before, and the other way
    round where they have defaults.
    """
    if zlib.crc32(data[_CRC:]) != int.from_bytes(data[:_CRC]):
        raise StoreError("an entry's checksum is not its own")
    try:
        entry: Entry = _DECODER.decode(data[_CRC:])
    except msgspec.DecodeError as error:
        raise StoreError(f"an entry cannot be read: {error}") from error
    return entry


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Entry)
