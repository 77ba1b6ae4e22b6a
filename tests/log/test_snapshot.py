"""A snapshot is whole, of this key, or told to be none."""

import asyncio
from collections.abc import AsyncIterator

import msgspec
import pytest
from tests.engine.conftest import make_engine
from tests.engine.test_learner import SETTINGS, exchange, traffic
from tests.remembering import remembered

from distillgate.engine.engine import Engine
from distillgate.errors import StoreError
from distillgate.log.log import DamagedError, ForeignError
from distillgate.log.snapshot import FORMAT, Head, check, read, read_head, write

HEAD = Head(FORMAT, check(b"key"), "log", "7", 300, [(5, 9)])


def played() -> Engine:
    engine = make_engine(SETTINGS, enforce=True)
    for one in traffic(300):
        exchange(engine, one)
    return engine


async def given(chunks: list[bytes]) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


def written(engine: Engine, head: Head = HEAD) -> list[bytes]:
    async def play() -> list[bytes]:
        return [chunk async for chunk in write(head, engine.state.parts())]

    return asyncio.run(play())


def taken(chunks: list[bytes], key: str = HEAD.key) -> tuple[Engine, Head]:
    engine = make_engine(SETTINGS, enforce=True)
    return engine, asyncio.run(read(given(chunks), engine.state.parts(), key, hurry=False))


def test_a_state_comes_back_with_what_it_is_of() -> None:
    engine = played()

    again, head = taken(written(engine))

    assert head == HEAD
    assert asyncio.run(read_head(given(written(engine)))) == HEAD
    assert remembered(again.state) == remembered(engine.state)


def test_one_of_another_key_or_form_is_told() -> None:
    engine = make_engine(SETTINGS)
    with pytest.raises(ForeignError, match="another key"):
        taken(written(engine), check(b"other"))
    with pytest.raises(ForeignError, match="format"):
        taken(written(engine, msgspec.structs.replace(HEAD, format=FORMAT + 1)))


def test_one_that_is_not_whole_or_was_changed_is_told() -> None:
    chunks = written(played())
    data = b"".join(chunks)
    for at in (0, 3, 9, len(data) // 2, len(data) - 1):
        changed = bytearray(data)
        changed[at] ^= 1
        with pytest.raises(StoreError):
            taken([bytes(changed)])
    for part in (chunks[:-1], [data[: len(data) // 2]], [data[:5]], []):
        with pytest.raises(DamagedError):
            taken(part)
    with pytest.raises(DamagedError):
        asyncio.run(read_head(given([])))


def test_parts_that_are_not_known_are_left_out() -> None:
    engine, other = played(), make_engine(SETTINGS)
    parts = other.state.parts()
    del parts["pools"]
    asyncio.run(read(given(written(engine)), parts, HEAD.key, hurry=True))

    assert len(other.state.accounts) == len(engine.state.accounts)
