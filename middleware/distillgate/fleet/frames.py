"""What workers and their hub say to each other over a Unix socket: lengths and MessagePack."""

from asyncio import IncompleteReadError, StreamReader
from typing import Any, TypeVar

import msgspec

from distillgate.errors import StoreError
from distillgate.fleet.journal import Placed
from distillgate.fleet.transport import Batch, Envelope

_LENGTH = 4
MAX_BYTES = 128 << 20
"""Bytes of one frame. Only a peer that is not ours would send more."""

T = TypeVar("T")


class Call(msgspec.Struct, tag=True, array_like=True):
    """What a worker asks; its number comes back with the answer."""

    number: int


class Join(Call):
    """The first of a connection; answered with the journal's time, and every notice there is."""

    worker: int


class Append(Call):
    """Some envelopes for the journal. The hub leaves them encoded (`Raw`)."""

    envelopes: list[Envelope]


class AppendRaw(Call, tag="Append"):
    """The same, as the hub reads it."""

    envelopes: msgspec.Raw


class Read(Call):
    """The batches after a position, as soon as there are any."""

    after: str | None


class Reaches(Call):
    """Whether the journal goes back to a position."""

    position: str


class Take(Call):
    """All that the workers remember: the path of a file, or none where nobody remembers more."""


class Hold(msgspec.Struct, tag=True, array_like=True):
    """A worker says that it remembers all there is, and can give it to another."""


class Give(msgspec.Struct, tag=True, array_like=True):
    """A worker is to write all that it remembers to a file."""

    path: str


class Given(msgspec.Struct, tag=True, array_like=True):
    """A worker says that it did, or could not."""

    path: str
    whole: bool


class Notice(msgspec.Struct, tag=True, array_like=True):
    """Something that is so from now on, for every worker: the last word on each name holds.

    It does not wait for the journal: an operator's kill overtakes what is still to be learned.
    """

    name: str
    value: Any


class Answer(msgspec.Struct, tag=True, array_like=True):
    """What the hub answers to a call of that number."""

    number: int
    at: float = 0.0
    reaches: bool = False
    batches: list[Batch] = []
    path: str | None = None


class AnswerRaw(msgspec.Struct, tag="Answer", array_like=True):
    """The same, as the hub writes it."""

    number: int
    at: float = 0.0
    reaches: bool = False
    batches: list[Placed] = []
    path: str | None = None


Heard = Join | AppendRaw | Read | Reaches | Take | Hold | Given | Notice
"""What a hub hears."""
Told = Answer | Give | Notice
"""What a worker is told."""

of_worker: msgspec.msgpack.Decoder[Heard] = msgspec.msgpack.Decoder(Heard)
of_hub: msgspec.msgpack.Decoder[Told] = msgspec.msgpack.Decoder(Told)
_encoder = msgspec.msgpack.Encoder()


def frame(message: msgspec.Struct) -> bytes:
    """Write one message with its length before it."""
    data = bytearray(_LENGTH)
    _encoder.encode_into(message, data, _LENGTH)
    data[:_LENGTH] = (len(data) - _LENGTH).to_bytes(_LENGTH)
    return bytes(data)


async def receive(reader: StreamReader, decoder: msgspec.msgpack.Decoder[T]) -> T | None:
    """Read one message; None at the end. Raises `StoreError` for what is none."""
    try:
        length = int.from_bytes(await reader.readexactly(_LENGTH))
        if length > MAX_BYTES:
            raise StoreError(f"a frame of {length} bytes")
        return decoder.decode(await reader.readexactly(length))
    except (IncompleteReadError, OSError):
        return None
    except msgspec.DecodeError as error:
        raise StoreError(f"no message of ours: {error}") from None
