"""The records of a shared state on a real server: written by one, whole or not at all."""

import asyncio
from collections.abc import Callable, Iterator

import pytest
from benchmarks.valkey import Valkey
from tests.fleet.conftest import redis_settings

from distillgate.errors import StoreError
from distillgate.fleet.records import RedisStore
from distillgate.stores.keeper import Keeper
from distillgate.stores.store import Change, DamagedError, Stored

RIGHTS = (
    "+exists +set +get +pexpire +persist +del +unlink "
    "+hset +hget +hdel +hscan +watch +unwatch +multi +exec"
)
Stores = Callable[[], RedisStore]


@pytest.fixture
def stores(server: Valkey, prefix: str) -> Iterator[Stores]:
    """Open stores of several gates; nobody reads any more."""
    made = []

    def make() -> RedisStore:
        store = RedisStore(redis_settings(server.url, prefix))
        store.open()
        made.append(store)
        _read(server, prefix)
        return store

    yield make
    for store in made:
        store.close()


def _read(server: Valkey, prefix: str) -> None:
    with server.client() as client:
        client.delete(f"{{{prefix}}}:reading")


def _all(store: RedisStore, part: str = "p") -> dict[Stored, bytes]:
    return dict(store.read(part))


def test_records_and_facts_come_back(stores: Stores, server: Valkey, prefix: str) -> None:
    one = stores()
    assert one.mine()
    assert one.lacking
    one.rewrite([Change("p", "name", b"1"), Change("p", b"\x00\xff", b"2")], {"journal": "5-0"})
    one.write(
        [Change("p", "name", None), Change("q", "", b"3"), Change("p", "new", b"4")],
        {"journal": "6-0"},
    )

    other = stores()
    assert _all(other) == {b"\x00\xff": b"2", "new": b"4"}
    assert _all(other, "q") == {"": b"3"}
    assert _all(other, "none") == {}
    assert other.fact("journal", "") == "6-0"
    assert other.fact("unheard of", "of") == "of"


def test_all_anew_takes_the_place_of_what_was_there(stores: Stores) -> None:
    one = stores()
    assert one.mine()
    one.rewrite([Change("p", f"{number}", b"old") for number in range(2500)], {})
    one.rewrite([Change("p", "1", b"new")], {})

    assert _all(stores()) == {"1": b"new"}


def test_one_gate_writes_until_it_goes(stores: Stores) -> None:
    one, other = stores(), stores()
    assert one.mine()
    assert one.mine()
    assert not other.mine()
    one.close()
    assert other.mine()


def test_who_takes_over_writes_all_anew_before_anything_else(stores: Stores) -> None:
    one, other = stores(), stores()
    assert one.mine()
    one.rewrite([Change("p", "a", b"1")], {})
    assert one.mine()
    assert not one.others
    one.close()
    assert other.mine()
    assert other.others
    assert not other.lacking
    other.rewrite([Change("p", "a", b"2")], {})
    assert other.mine()
    assert not other.others


def test_a_rewriting_that_fails_leaves_nothing(stores: Stores, server: Valkey, prefix: str) -> None:
    def changes() -> Iterator[Change]:
        yield from (Change("p", f"{number}", b"new") for number in range(1500))
        yield Change("q", "", b"new")
        with server.client() as client:
            unfinished = client.keys(f"{{{prefix}}}:records:*:p")
            lasting.extend(key for key in unfinished if client.ttl(key) == -1)
            client.set(f"{{{prefix}}}:lease", "another's")

    store, lasting = stores(), list[bytes]()
    assert store.mine()
    store.rewrite([Change("p", "a", b"old")], {})
    with pytest.raises(StoreError, match="another gate"):
        store.rewrite(changes(), {})

    with server.client() as client:
        assert client.keys(f"{{{prefix}}}:records:*") == lasting
        assert len(lasting) == 1
    assert _all(store) == {"a": b"old"}


def test_a_name_that_is_none_of_ours_is_damage(stores: Stores, server: Valkey, prefix: str) -> None:
    store = stores()
    assert store.mine()
    store.rewrite([Change("p", "a", b"1")], {})
    with server.client() as client:
        (key,) = client.keys(f"{{{prefix}}}:records:*")
        client.hset(key, b"s\xff", b"1")

    with pytest.raises(DamagedError):
        _all(store)


class _Told(list[str]):
    def event(self, name: str, **_: object) -> None:
        self.append(name)


@pytest.mark.parametrize("known", [False, True])
def test_records_that_could_not_be_read_at_first_are_not_replaced(
    harmed: Valkey, prefix: str, known: bool
) -> None:
    settings = redis_settings(harmed.url, prefix, timeout_seconds=0.3)
    before, heard = RedisStore(settings), _Told()
    if known:
        before.open()
        _read(harmed, prefix)
        assert before.mine()
        before.rewrite([Change("p", "a", b"1")], {})
        before.close()

    async def play() -> None:
        keeper = Keeper(RedisStore(settings), {}, pause=60.0, observer=heard)
        harmed.pause()
        await keeper.open()
        harmed.resume()
        for _ in range(2):
            await keeper.flush()
            _read(harmed, prefix)
        await keeper.close()

    asyncio.run(play())
    with harmed.client() as client:
        written = client.hlen(f"{{{prefix}}}:facts")
        assert not client.exists(f"{{{prefix}}}:lease")
    assert (
        (heard, written) == (["store_failed", "store_off"], 1) if known else (["store_failed"], 2)
    )


def test_who_lost_the_lease_writes_nothing(stores: Stores, server: Valkey, prefix: str) -> None:
    one, other = stores(), stores()
    assert one.mine()
    one.rewrite([Change("p", "a", b"1")], {})
    with server.client() as client:
        client.delete(f"{{{prefix}}}:lease")
    assert other.mine()

    with pytest.raises(StoreError, match="another gate"):
        one.write([Change("p", "a", b"2")])
    assert _all(other) == {"a": b"1"}


def test_nothing_is_written_while_somebody_reads(server: Valkey, prefix: str) -> None:
    settings = redis_settings(server.url, prefix)
    one, other = RedisStore(settings), RedisStore(settings)
    one.open()
    assert not one.mine()
    _read(server, prefix)
    assert one.mine()
    other.open()
    assert not one.mine()
    one.close()
    other.close()


def test_a_server_that_began_anew_lacks_everything(harmed: Valkey, prefix: str) -> None:
    store = RedisStore(redis_settings(harmed.url, prefix))
    store.open()
    _read(harmed, prefix)
    assert store.mine()
    store.rewrite([Change("p", "a", b"1")], {"journal": "5-0"})
    assert store.mine()
    assert not store.lacking
    harmed.stop()
    with pytest.raises(StoreError):
        store.mine()
    harmed.start()

    assert store.mine()
    assert store.lacking
    store.close()


def test_a_user_with_rights_to_its_own_keys_is_enough(harmed: Valkey, prefix: str) -> None:
    with harmed.client() as client:
        client.execute_command(
            "ACL", "SETUSER", "gate", "on", ">secret", f"~{{{prefix}}}:*", *RIGHTS.split()
        )
    url = f"redis://gate:secret@127.0.0.1:{harmed.port}/0"
    store = RedisStore(redis_settings(url, prefix))
    store.open()
    _read(harmed, prefix)

    assert store.mine()
    store.rewrite([Change("p", "a", b"1"), Change("p", "b", b"2")], {"journal": "5-0"})
    store.rewrite([Change("p", "a", b"1"), Change("p", "b", b"2")], {"journal": "5-0"})
    store.write([Change("p", "a", b"3"), Change("p", "b", None)], {"journal": "6-0"})
    assert _all(store) == {"a": b"3"}
    store.close()
