"""Several gates on one real server: one evidence, and nothing that a customer notices."""

import asyncio
import contextlib
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx2
import pytest
from benchmarks.valkey import Valkey
from tests.fleet.conftest import redis_settings

from distillgate.drill.script import Call, write
from distillgate.engine import Engine
from distillgate.entry import decode
from distillgate.fleet.redis import RedisTransport
from distillgate.fleet.settings import of_key
from distillgate.gate import Gate
from distillgate.stores.records import everything
from distillgate.testing.server import serve
from distillgate.testing.upstream import upstream

SECRET = b"a secret"
SHARE = {"collect_seconds": 0.005, "patience_seconds": 30.0}
Gates = Callable[..., "Serving"]


class Serving:
    """A gate with a service behind it, and what it said of its decisions."""

    def __init__(self, gate: Gate, log: Path) -> None:
        self.gate, self._log = gate, log
        self._up = contextlib.ExitStack()
        self.url = self._up.enter_context(serve(gate)).url
        self.stop = self._up.close
        assert gate.parts is not None
        self.parts = gate.parts

    @property
    def engine(self) -> Engine:
        return self.parts.engine

    @property
    def caught_up(self) -> bool:
        return self.parts.share is not None and not self.parts.share.waiting

    @property
    def position(self) -> str | None:
        return self.parts.share.learning.position if self.parts.share is not None else None

    def said(self) -> list[dict[str, Any]]:
        self.parts.telemetry.close()  # so that all of it is written
        lines = self._log.read_text().splitlines() if self._log.exists() else []
        return [json.loads(line) for line in lines]

    def restricted(self) -> set[str]:
        decisions = [line for line in self.said() if line["event"] == "decision"]
        return {line["account"] for line in decisions if line["action"] not in ("allow", "observe")}


@pytest.fixture
def gates(tmp_path: Path) -> Iterator[Gates]:
    """Serve any number of gates; those that are given a server's URL and one prefix share."""
    with contextlib.ExitStack() as stack:
        made: list[Path] = []

        def make(url: str | None = None, prefix: str = "p", **more: Any) -> Serving:
            made.append(log := tmp_path / f"log-{len(made)}")
            settings: dict[str, Any] = {
                "key": SECRET.decode(),
                "asgi": {"identity": {"header": "x-account"}},
                "telemetry": {"log": {"destination": str(log)}},
                **more,
            }
            if url is not None:
                redis = {"url": url, "prefix": prefix}
                settings["fleet"] = {"share": SHARE, "redis": redis, **more.get("fleet", {})}
            serving = Serving(Gate(upstream(), settings), log)
            stack.callback(serving.stop)
            return serving

        yield make


def _campaign(calls: int) -> list[Call]:
    return write(["rubric grading"], accounts=30, limit=calls, seed="fleet", texts=None).calls


async def _play(calls: Sequence[Call], *ways: Callable[[int], Serving]) -> None:
    """Send every call by each way, the calls in their order."""
    async with httpx2.AsyncClient(trust_env=False, timeout=60) as client:
        for number, (_, _, record) in enumerate(calls):
            headers = {"x-account": record["account"]}
            sent = (
                client.post(
                    way(number).url + record["path"], json=record["request"], headers=headers
                )
                for way in ways
            )
            assert {answer.status_code for answer in await asyncio.gather(*sent)} == {200}


def _until(condition: Callable[[], bool]) -> None:
    async def wait() -> None:
        async with asyncio.timeout(30):
            while not condition():  # noqa: ASYNC110 - of other threads' event loops
                await asyncio.sleep(0.01)

    asyncio.run(wait())


def _dump(engine: Engine) -> list[tuple[str, str, bytes | None]]:
    changes = everything(engine.state.parts())
    return sorted((change.part, str(change.key), change.data) for change in changes)


def _records(gate: Serving, part: str) -> list[tuple[str, bytes | None]]:
    return [(key, data) for name, key, data in _dump(gate.engine) if name == part]


def _replayed(like: Engine, url: str, prefix: str, entries: int) -> Engine:
    """Apply the journal to an engine that knows nothing."""
    engine = Engine(like.settings, count=lambda _: 0, secret=SECRET)

    async def read() -> None:
        transport = RedisTransport(of_key(redis_settings(url, prefix), SECRET))
        await transport.open()
        position, left = None, entries
        while left:
            batch = await transport.read(position)
            position, left = batch.position, left - len(batch.envelopes)
            for envelope in batch.envelopes:
                engine.apply(decode(envelope.data), min(envelope.at, batch.at), own=False)
        await transport.close()

    asyncio.run(read())
    return engine


def test_a_campaign_split_over_two_gates_is_seen_by_both_and_by_neither_alone(
    gates: Gates, server: Valkey, prefix: str
) -> None:
    shared = [gates(server.url, prefix), gates(server.url, prefix)]
    alone = [gates(), gates()]
    calls = _campaign(450)

    asyncio.run(_play(calls, lambda n: shared[n % 2], lambda n: alone[n % 2]))
    _until(lambda: all(gate.caught_up for gate in shared))

    assert [len(gate.restricted()) for gate in alone] == [0, 0]
    assert all(len(gate.restricted()) > 5 for gate in shared)


def test_what_gates_remember_is_equal_and_equal_to_a_replay(
    gates: Gates, server: Valkey, prefix: str
) -> None:
    shared = [gates(server.url, prefix), gates(server.url, prefix)]
    calls = _campaign(200)

    asyncio.run(_play(calls, lambda n: shared[n % 2]))
    _until(lambda: all(gate.caught_up for gate in shared))
    _until(
        lambda: (
            len({gate.parts.share.learning.position for gate in shared if gate.parts.share}) == 1
        )
    )

    one, other = (_dump(gate.engine) for gate in shared)
    assert one == other
    assert len(list(shared[0].engine.state.groups)) > 0
    assert one == _dump(_replayed(shared[0].engine, server.url, prefix, 200))


def test_a_gate_that_was_stopped_takes_up_what_it_missed_and_learns_nothing_twice(
    gates: Gates, server: Valkey, prefix: str, tmp_path: Path
) -> None:
    kept = {"store": {"path": str(tmp_path / "state.db"), "interval": 0.2}}
    one, other = gates(server.url, prefix, **kept), gates(server.url, prefix)
    calls = _campaign(150)

    asyncio.run(_play(calls[:80], lambda n: (one, other)[n % 2]))
    one.stop()
    asyncio.run(_play(calls[80:], lambda _: other))
    again = gates(server.url, prefix, **kept)
    _until(lambda: other.caught_up and again.position == other.position)

    assert "fleet_gap" not in [line["event"] for line in again.said()]
    # An examination that was under way begins anew, so groups may be some exchanges apart.
    assert _records(again, "accounts") == _records(other, "accounts")
    assert [key for key, _ in _records(again, "groups")] == [
        key for key, _ in _records(other, "groups")
    ]
    assert _records(other, "groups")


def test_a_gate_that_joins_knows_what_the_journal_has_no_more(
    gates: Gates, server: Valkey, prefix: str
) -> None:
    redis = {"url": server.url, "prefix": prefix, "journal_bytes": 65_536, "records_seconds": 0.1}
    one = gates(fleet={"redis": redis, "share": SHARE})
    with server.client() as client:
        client.delete(*client.keys(f"*{prefix}*:reading"))
    asyncio.run(_play(_campaign(150), lambda _: one))
    _until(lambda: one.caught_up)
    with server.client() as client:
        (facts,) = client.keys(f"*{prefix}*:facts")
        (journal,) = client.keys(f"*{prefix}*:journal")
        assert client.xinfo_stream(journal)["entries-added"] > client.xlen(journal)
        _until(lambda: json.loads(client.hget(facts, "journal"))[0] == one.position)
    joined = gates(fleet={"redis": redis, "share": SHARE})
    _until(lambda: joined.position == one.position)

    assert _records(joined, "accounts") == _records(one, "accounts")
    assert len(_records(one, "accounts")) > 20
    assert "fleet_gap" not in [line["event"] for line in joined.said()]


@pytest.mark.parametrize("url", ["redis://127.0.0.1:1/0"])
def test_without_a_server_a_gate_serves_and_learns_alone(gates: Gates, url: str) -> None:
    share = {"patience_seconds": 0.1, "timeout_seconds": 0.2}
    gate = gates(fleet={"redis": {"url": url}, "share": share})

    asyncio.run(_play(_campaign(20), lambda _: gate))
    _until(lambda: len(gate.engine.state.accounts) > 0)

    assert "fleet_lost" in [line["event"] for line in gate.said()]


def test_without_a_key_nothing_is_shared(gates: Gates, server: Valkey, prefix: str) -> None:
    gate = gates(server.url, prefix, key=None)

    assert gate.parts.share is None
    assert "fleet_off" in [line["event"] for line in gate.said()]


def test_one_budget_holds_over_four_gates(gates: Gates, server: Valkey, prefix: str) -> None:
    budget = 6_000
    enforced = {
        "mode": "enforce",
        "asgi": {"identity": {"header": "x-account", "attributes": {"organisation": "x-org"}}},
        "policy": {
            "ladder": {"throttle": -3, "degrade": 50, "refuse": 60},
            "enforcement": {"onset_exchanges": 0},
            "group_budget": {"output_tokens": budget, "floor_per_day": 1, "least_floor": 0},
            "throttle": {"concurrent": 1000},
        },
    }
    four = [gates(server.url, prefix, **enforced) for _ in range(4)]
    spent: list[int] = []

    async def play() -> None:
        async with httpx2.AsyncClient(trust_env=False, timeout=60) as client:
            for number in range(400):
                said = [{"role": "user", "content": f"Tell of the hill number {number}."}]
                answer = await client.post(
                    f"{four[number % 4].url}/v1/chat/completions",
                    json={"model": "m", "max_tokens": 60, "messages": said},
                    headers={"x-account": f"a-{number % 8}", "x-org": "one"},
                )
                if answer.status_code == 200:
                    spent.append(answer.json()["usage"]["completion_tokens"])

    asyncio.run(play())
    assert 0.8 * budget < sum(spent) < 1.05 * budget + 4 * 60
