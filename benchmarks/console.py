"""The console while it is polled: what pages take, and what the path's requests feel of it.

A sidecar with a hundred thousand kept accounts, twenty clients that ask for its pages, and requests
paced beside them: with the console closed and open in turns, in one run. Then the gate mounted in
this process, every callback of the loop timed, with twenty clients at once.
"""

import asyncio
import json
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx2

from benchmarks import machine, population, prompts, servers
from benchmarks.apps import bare
from benchmarks.client import Connection
from benchmarks.holding import Held, body_of, post, running
from benchmarks.report import Table
from distillgate.cli.collector import few_collections
from distillgate.gate import Gate

ACCOUNTS = 100_000
CLIENTS = 20
PERIOD = 5.0
"""Seconds between two pages of one client."""
RATE = 100
"""Requests a second beside them."""
SECONDS, PAIRS = 10, 6
"""Of each block, and how many pairs of them: closed and open, open and closed."""
KEY = "operator-operator-operator-1"
PAGE_MS, CALLBACK_MS, P99 = 300.0, 5.0, 1.03
"""Aims: of a page, of a callback, of the path's p99 open to closed."""
_ROOT = "/distillgate/console"


def measure(
    cores: machine.Cores,
    *,
    quick: bool,
    calibration: dict[str, Any],  # noqa: ARG001
) -> dict[str, Any]:
    """Measure the sidecar, then the mounted gate."""
    kept = population.prepared(ACCOUNTS // 10 if quick else ACCOUNTS)
    found = _sidecar(cores, kept, seconds=2 if quick else SECONDS, pairs=1 if quick else PAIRS)
    with _copied(kept) as config, few_collections():
        found["callbacks"] = asyncio.run(_mounted(config, rounds=1 if quick else 3))
    return found


def _sidecar(cores: machine.Cores, kept: Path, *, seconds: int, pairs: int) -> dict[str, Any]:
    options = f"admin: {{key: {KEY}}}\n"
    with (
        servers.service(cores.load) as upstream,
        _copied(kept, options=options) as config,
        _gate(config, upstream.port, cores) as gate,
        httpx2.Client(trust_env=False, timeout=300) as client,
    ):
        base = f"http://127.0.0.1:{gate.port}{_ROOT}"
        client.post(f"{base}/sign-in", data={"key": KEY, "by": "ann", "to": ""})
        listed = client.get(f"{base}/json/campaigns").json()["campaigns"]
        whole = client.get(f"{base}/json/campaigns/{listed[0]['code']}").json()
        name = quote(whole["members"][0]["account"], safe="")
        paths = [f"{_ROOT}/now", f"{_ROOT}/campaigns", f"{_ROOT}/accounts/{name}"]
        paths.append(f"{_ROOT}/campaigns/{listed[0]['code']}")
        cookie = f"distillgate={client.cookies['distillgate']}"
        blocks = _blocks(gate.port, cookie, paths, seconds=seconds, pairs=pairs)
    return {**blocks, "campaigns": len(listed), "largest": listed[0]["accounts"]}


def _blocks(
    port: int, cookie: str, paths: Sequence[str], *, seconds: int, pairs: int
) -> dict[str, Any]:
    """Send requests at an even pace, with the console closed and polled in turns."""
    command = [sys.executable, "-m", "benchmarks.console", str(port), cookie, *paths]
    poller = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert poller.stdin is not None
    assert poller.stdout is not None
    taken: dict[str, list[float]] = {"closed": [], "open": []}
    connection, dice = Connection(port), random.Random(3)
    _paced(connection, dice, 3)
    for pair in range(pairs):
        for which in ("closed", "open") if pair % 2 == 0 else ("open", "closed"):
            poller.stdin.write(f"{which}\n")
            poller.stdin.flush()
            taken[which] += _paced(connection, dice, seconds)
    polled = json.loads(poller.communicate()[0])
    return {
        "path": {which: _spread(values) for which, values in taken.items()},
        "pages": {path.removeprefix(_ROOT): _spread(values) for path, values in polled.items()},
    }


def _paced(connection: Connection, dice: random.Random, seconds: int) -> list[float]:
    """Return the milliseconds of requests that are sent at an even pace."""
    asked = [
        prompts.exchange(prompts.text(dice, 100), dice.randrange(2000))
        for _ in range(seconds * RATE)
    ]
    taken, due = [], time.perf_counter()
    for one in asked:
        due += 1 / RATE
        taken.append(connection.exchange(one) * 1000)
        time.sleep(max(0.0, due - time.perf_counter()))
    return taken


async def _mounted(config: str, rounds: int) -> dict[str, float]:
    """Return the longest callback's milliseconds, of the processor and of the wall."""
    gate = Gate(bare, config=config)
    transport = httpx2.ASGITransport(gate)
    found = {"alone": 0.0, "cpu": 0.0, "wall": 0.0}
    async with (
        running(gate),
        httpx2.AsyncClient(transport=transport, base_url="http://gate") as client,
    ):
        await client.post(f"{_ROOT}/sign-in", data={"key": KEY, "by": "ann", "to": ""})
        listed = (await client.get(f"{_ROOT}/json/campaigns")).json()["campaigns"]
        paths = ["/now", "/campaigns", f"/campaigns/{listed[0]['code']}"]

        async def poll(number: int) -> None:
            for turn in range(3):
                answer = await client.get(_ROOT + paths[(number + turn) % len(paths)])
                assert answer.status_code == 200

        async def traffic(count: int) -> None:
            dice = random.Random(1)
            for number in range(count):
                text = prompts.text(dice, 100)
                await post(gate, body_of({"messages": [{"role": "user", "content": text}]}), number)
                await asyncio.sleep(0.01)

        await traffic(50)
        for _ in range(rounds):
            held = Held()
            with held.watching():
                await traffic(100)
            found["alone"] = max(found["alone"], held.cpu)
            held = Held()
            with held.watching():
                await asyncio.gather(*map(poll, range(CLIENTS)), traffic(100))
            found["cpu"], found["wall"] = max(found["cpu"], held.cpu), max(found["wall"], held.wall)
    return found


@contextmanager
def _copied(kept: Path, options: str = "") -> Iterator[str]:
    """Copy a kept state, and write a configuration for it."""
    with tempfile.TemporaryDirectory() as folder:
        for one in (kept, *kept.parent.glob(f"{kept.name}.snapshot-*-*-*")):
            shutil.copy(one, f"{folder}/{one.name.replace(kept.name, 'state.db')}")
        config = Path(f"{folder}/config.yaml")
        config.write_text(
            f"mode: enforce\nkey: {population.KEY}\n"
            f"log: {{path: {folder}/state.db, snapshot_entries: 1000000}}\n"
            f"telemetry: {{log: {{destination: {folder}/log}}}}\n"
            + (options or f"admin: {{key: {KEY}}}\n")
        )
        yield str(config)


@contextmanager
def _gate(config: str, upstream: int, cores: machine.Cores) -> Iterator[servers.Server]:
    port = servers.free_port()
    command = [sys.executable, "-m", "distillgate", "serve", "--config", config]
    command += ["--upstream", f"http://127.0.0.1:{upstream}", "--host", "127.0.0.1"]
    with servers.serve("gate", [*command, "--port", str(port)], port, cores.server) as gate:
        yield gate


def _spread(values: Sequence[float]) -> dict[str, float]:
    shares = {f"p{share}": machine.percentile(values, share) for share in (50, 95, 99)}
    return {"count": len(values), **shares, "max": max(values)} if values else {"count": 0}


def tables(result: dict[str, Any]) -> list[Table]:
    """Return what pages took and what the path felt."""
    columns = ("count", "p50", "p95", "p99", "max")
    path, pages = result["path"], result["pages"]
    ratio = path["open"]["p99"] / path["closed"]["p99"]
    held = result["callbacks"]
    notes = (
        (
            f"p99 open to closed {ratio:.3f} (aim {P99}); {result['campaigns']} campaigns, the "
            f"largest of {result['largest']:,} accounts"
        ),
        (
            f"longest callback, ms of processor: {held['alone']:.1f} without pages, "
            f"{held['cpu']:.1f} with {CLIENTS} clients at once "
            f"(wall {held['wall']:.1f}; aim {CALLBACK_MS})"
        ),
    )
    rows = [
        (name, *(f"{row.get(column, 0):,.1f}" for column in columns))
        for name, row in [*((f"path, {which}", path[which]) for which in path), *pages.items()]
    ]
    title = f"Twenty clients, a page each {PERIOD:.0f} s: ms (a page's aim {PAGE_MS:.0f})"
    return [Table(title, ("", *columns), rows, notes)]


def _poll(port: int, cookie: str, paths: Sequence[str]) -> None:
    """Poll while the last line of the input was `open`; write what pages took at its end."""
    taken: dict[str, list[float]] = {path: [] for path in paths}
    opened, ended = threading.Event(), threading.Event()

    def client(number: int) -> None:
        with httpx2.Client(trust_env=False, timeout=300) as asks:
            turn = number
            ended.wait(PERIOD * number / CLIENTS)
            while not ended.is_set():
                if opened.is_set():
                    path = paths[turn % len(paths)]
                    since = time.perf_counter()
                    answer = asks.get(f"http://127.0.0.1:{port}{path}", headers={"cookie": cookie})
                    taken[path].append((time.perf_counter() - since) * 1000)
                    assert answer.status_code == 200
                    turn += 1
                ended.wait(PERIOD)

    threads = [threading.Thread(target=client, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for line in sys.stdin:
        (opened.set if line.strip() == "open" else opened.clear)()
    ended.set()
    for thread in threads:
        thread.join()
    json.dump(taken, sys.stdout)


if __name__ == "__main__":
    _poll(int(sys.argv[1]), sys.argv[2], sys.argv[3:])
