"""How long an operator's clicks hold the event loop, beside a hundred thousand accounts.

A mounted gate in this process, with the kept population. Every page is asked as an operator would,
and every callback of the loop timed (`benchmarks.holding`): what none of them exceeds is what a
request waits at most.
"""

import asyncio
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from shutil import copy
from typing import Any
from urllib.parse import quote

from benchmarks import machine, population
from benchmarks.apps import bare
from benchmarks.holding import ROUNDS, Held
from benchmarks.report import Table
from distillgate.cli.collector import few_collections
from distillgate.engine.queries import Queries
from distillgate.gate import Gate

ACCOUNTS = 100_000
_REASON = {"reason": "a measurement", "by": "benchmarks"}


def measure(
    cores: machine.Cores,  # noqa: ARG001
    *,
    quick: bool,
    calibration: dict[str, Any],  # noqa: ARG001
) -> dict[str, Any]:
    """Ask every page several times; `quick` is once, beside a hundredth of the accounts."""
    accounts = ACCOUNTS // 100 if quick else ACCOUNTS
    kept = population.prepared(accounts)
    with tempfile.TemporaryDirectory() as folder, few_collections():
        for file in kept.parent.glob(f"{kept.name}*"):  # its snapshots lie beside it
            copy(file, folder)
        Path(f"{folder}/config.yaml").write_text(
            f"mode: enforce\nkey: {population.KEY}\nadmin: {{key: operator}}\n"
            f"log: {{path: {folder}/{kept.name}, snapshot_entries: 1000000}}\n"
            "telemetry: {log: {level: 'off'}}\nreload_interval: 0\n"
        )
        return asyncio.run(_measure(f"{folder}/config.yaml", 1 if quick else ROUNDS))


async def _measure(config: str, rounds: int) -> dict[str, Any]:
    gate = Gate(bare, config=config)
    await gate._start()  # noqa: SLF001
    assert gate.parts is not None
    state = gate.parts.engine.state
    rows = []
    for method, path in _pages(Queries(gate.parts.engine)):
        held, size = Held(), 0
        for _ in range(rounds):
            with held.watching():
                size = await asyncio.ensure_future(_click(gate, method, path))
        rows.append({"page": f"{method} {path}", "bytes": size, "cpu": held.cpu, "wall": held.wall})
    found = {"accounts": len(state.accounts), "groups": len(state.groups),
             "actors": len(state.actors), "rows": rows}  # fmt: skip
    await gate._stop()  # noqa: SLF001
    return found


def _pages(queries: Queries) -> Iterator[tuple[str, str]]:
    """Yield every page; of accounts and groups those that are the most work."""
    state = queries._engine.state  # noqa: SLF001
    yield from (
        ("GET", page) for page in ("/state", "/metrics", "/groups", "/memory", "/campaigns")
    )
    linked = [actor.group for actor in state.actors.values()]
    busiest = max(linked or state.groups, key=lambda group: len(group.rows), default=None)
    name = next(iter(state.accounts)).name
    if busiest is not None:
        principal = max(busiest.rows, key=lambda one: len(state.groups.of_principal(one)))
        name = next(one.name for one in state.accounts if one.principal == principal)
    largest = max(state.groups, key=lambda group: len(group.rows), default=None)
    for code in sorted({group.code for group in (busiest, largest) if group is not None}):
        yield "GET", f"/groups/{code}"
        yield "POST", f"/groups/{code}/name"
        yield "POST", f"/memory/{code}/forget"
    yield "GET", "/groups/of-nobody"
    yield "GET", f"/accounts/{quote(name)}"
    yield "POST", f"/accounts/{quote(name)}/pardon"
    yield "POST", f"/accounts/{quote(name)}/lift"
    yield from (("POST", page) for page in ("/kill", "/resume", "/reload"))


async def _click(gate: Gate, method: str, path: str) -> int:
    """Ask one page, and wait for what it sets off; return the answer's bytes."""
    document = {"name": "measured"} if path.endswith("/name") else _REASON
    messages = [{"type": "http.request", "body": json.dumps(document).encode()}]
    size = 0

    async def receive() -> Any:
        return messages.pop() if messages else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        nonlocal size
        size += len(message.get("body", b""))

    scope = {
        "type": "http", "method": method, "path": f"/distillgate{path}", "query_string": b"",
        "headers": [(b"authorization", b"Bearer operator")], "client": ("127.0.0.1", 1),
    }  # fmt: skip
    await gate(scope, receive, send)
    await asyncio.sleep(0.5 if path == "/reload" else 0.0)  # it is answered before it is done
    return size


def tables(result: dict[str, Any]) -> list[Table]:
    """Give one table."""
    rows = [
        (row["page"][:60], f"{row['bytes']:,}", f"{row['cpu']:.2f}", f"{row['wall']:.2f}")
        for row in result["rows"]
    ]
    title = (
        f"How long an operator's clicks hold the event loop at worst, ms, beside "
        f"{result['accounts']:,} accounts in {result['groups']:,} groups, "
        f"{result['actors']:,} of one operator each"
    )
    return [Table(title, ("", "bytes", "processor", "wall"), rows)]
