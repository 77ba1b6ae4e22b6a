"""How many clients there may be, and who makes room for whom."""

import asyncio
import resource

import pytest

from distillgate.proxy.clients import (
    MAX_UNREAD_BYTES,
    RESERVED,
    Clients,
    ClientSettings,
    Wait,
    raise_descriptors,
)


class Given:
    """A client that says what became of it."""

    def __init__(self) -> None:
        self.given_up: list[tuple[Wait, bool]] = []

    def give_up(self, wait: Wait, *, crowded: bool) -> None:
        self.given_up.append((wait, crowded))


async def crowd(count: int, waits: list[Wait | None]) -> tuple[Clients, list[Given]]:
    clients = Clients(ClientSettings(connections=count), keepalive_seconds=60.0)
    given = [Given() for _ in waits]
    for client, wait in zip(given, waits, strict=True):
        assert clients.add(client)
        if wait is not None:
            clients.wait(client, wait)
    return clients, given


@pytest.mark.parametrize(
    ("waits", "first"),
    [
        ([Wait.HEAD, Wait.REQUEST, Wait.BODY], 0),
        ([Wait.BODY, Wait.REQUEST, Wait.HEAD], 0),
        ([Wait.ROOM, Wait.REQUEST, Wait.HEAD], 1),
        ([Wait.BODY, None, Wait.ROOM], 0),
        ([None, Wait.BODY, Wait.CLOSE], 2),
    ],
)
def test_the_one_that_is_waited_for_longest_makes_room(
    waits: list[Wait | None], first: int
) -> None:
    async def run() -> None:
        clients, given = await crowd(3, waits)
        assert clients.add(Given())
        wait = waits[first]
        assert [client.given_up for client in given] == [
            [(wait, True)] if place == first else [] for place in range(3)
        ]

    asyncio.run(run())


def test_nobody_who_is_served_makes_room_and_the_reserve_has_an_end() -> None:
    async def run() -> None:
        clients, given = await crowd(2, [None, None])
        late = [Given() for _ in range(RESERVED + 1)]
        welcome = [clients.add(client) for client in late]
        assert not any(welcome)
        assert not any(client.given_up for client in (*given, *late[:-1]))
        assert late[-1].given_up

    asyncio.run(run())


def test_bytes_that_nobody_can_read_yet_are_bounded_in_all() -> None:
    async def run() -> None:
        clients, given = await crowd(10, [Wait.HEAD, Wait.HEAD, Wait.HEAD])
        clients.hold(MAX_UNREAD_BYTES)
        assert not given[0].given_up
        clients.hold(1)
        assert given[0].given_up == [(Wait.HEAD, True)]

    asyncio.run(run())


def test_descriptors_bound_the_clients_with_their_connections_to_the_upstream() -> None:
    raise_descriptors()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert soft == hard
    settings = ClientSettings(connections=1 << 30)
    alone = Clients(settings, keepalive_seconds=1.0)
    relaying = Clients(settings, keepalive_seconds=1.0, upstream_connections=100)
    if soft == resource.RLIM_INFINITY:
        assert alone.max == 1 << 30
    else:
        assert alone.max + RESERVED < soft
        assert relaying.max == max(alone.max - 100, alone.max // 2)


def test_reserved_paths_are_whole_ones() -> None:
    clients = Clients(ClientSettings(), keepalive_seconds=1.0, reserved=("/healthz", "/gate"))
    assert clients.is_reserved("/healthz")
    assert clients.is_reserved("/gate/metrics")
    assert not clients.is_reserved("/gateway")
    assert not clients.is_reserved("/v1/healthz")
