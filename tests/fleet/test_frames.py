"""Frames: what one end writes, the other reads; what is none ends the connection."""

import asyncio

import pytest

from distillgate.errors import StoreError
from distillgate.fleet.frames import (
    MAX_BYTES,
    Answer,
    AnswerRaw,
    Append,
    AppendRaw,
    frame,
    of_hub,
    of_worker,
    receive,
)
from distillgate.fleet.journal import Placed
from distillgate.fleet.transport import Envelope


def read(data: bytes, decoder: object) -> object:
    async def reading() -> object:
        reader = asyncio.StreamReader()
        reader.feed_data(data)
        reader.feed_eof()
        return await receive(reader, decoder)  # type: ignore[arg-type] # of either end

    return asyncio.run(reading())


def test_a_hub_passes_on_what_it_does_not_read() -> None:
    envelopes = [Envelope(1 << 62, 1, 5.0, b"\x00entry"), Envelope(2, 9, 6.5, b"")]
    heard = read(frame(Append(3, envelopes)), of_worker)
    assert isinstance(heard, AppendRaw)
    told = read(frame(AnswerRaw(4, batches=[Placed("p-1", 7.0, heard.envelopes)])), of_hub)
    assert isinstance(told, Answer)
    assert told.number == 4
    assert told.batches[0].envelopes == envelopes
    assert (told.batches[0].position, told.batches[0].at) == ("p-1", 7.0)


def test_the_end_is_no_message() -> None:
    assert read(b"", of_hub) is None
    assert read(frame(Append(3, []))[:-1], of_worker) is None


@pytest.mark.parametrize(
    "data", [b"\x00\x00\x00\x01\xc1", frame(Append(1, [])), (MAX_BYTES + 1).to_bytes(4)]
)
def test_what_is_no_message_of_theirs_is_an_error(data: bytes) -> None:
    with pytest.raises(StoreError):
        read(data, of_hub)
