"""Past one core: what an exchange costs the shared evidence, and whether a campaign that is spread
over many cells is seen in each. At 1:100: cells of 2,000 accounts where they would have 200,000."""

import gc
import hashlib
import json
import time
from typing import Any, NamedTuple

from benchmarks.machine import Cores
from benchmarks.report import Table
from benchmarks.valkey import valkey
from distillgate.engine.engine import Engine, EngineSettings
from distillgate.engine.entries import Entry, decode
from distillgate.policy.decision import Decision
from distillgate.records import encode
from distillgate.tokenizer import Tokenizer, TokenizerSettings
from distillgate.traffic.log import Line
from distillgate.traffic.log import decode as line_of
from distillgate.traffic.replay import replay
from distillgate_lab.drill.script import write

CELLS = 50
SIMULATED = 2
"""Cells that are played; all are alike."""
HONEST = 2_000
"""Honest accounts of a cell."""
CAMPAIGN = 2_500
"""Accounts of the campaign, over all cells: at full scale as many times 100."""
CALLS = 30
"""Calls of each of its accounts."""
_SECRET = b"benchmark"
_BATCH = 65_536


class Cost(NamedTuple):
    """What an exchange comes to, on average: bytes, and microseconds of one core."""

    bytes: float
    look: float
    encode: float
    decode: float
    learn: float
    server: float
    server_memory: float
    """Bytes of the server's memory for a byte of the journal."""


def cell_of(account: str, cells: int = CELLS) -> int:
    """Deal an account to a cell by its name alone, as the load balancer does."""
    return int.from_bytes(hashlib.blake2b(account.encode(), digest_size=8).digest()) % cells


def measure(cores: Cores, *, quick: bool, calibration: dict[str, Any]) -> dict[str, Any]:
    """Measure the cost and play the cells."""
    del cores, calibration
    share = 10 if quick else 1
    campaign = lines_of("rubric grading", CAMPAIGN, CAMPAIGN * CALLS)
    cells = []
    for cell in range(1 if quick else SIMULATED):
        honest = lines_of("chat users", HONEST // share, 4 * HONEST // share, seed=f"cell {cell}")
        own = [line for line in campaign if cell_of(line.exchange.account) == cell]
        cells.append(_cell(honest, own))
    alone = _cell([], [line for line in campaign if cell_of(line.exchange.account) == 0])
    lines = lines_of("chat users", 500, 2_000 // share, seed="cost")
    return {"cost": _cost(lines)._asdict(), "cells": cells, "no_honest": alone}


def lines_of(name: str, accounts: int, limit: int, seed: str = "scale") -> list[Line]:
    script = write([name], accounts=accounts, limit=limit, seed=seed, texts=None)
    found = (line_of(json.dumps(call.record).encode()) for call in script.calls)
    return [line for line in found if line is not None]


def _engine() -> Engine:
    return Engine(EngineSettings(), count=Tokenizer(TokenizerSettings()).count, secret=_SECRET)


def _cell(honest: list[Line], campaign: list[Line]) -> dict[str, Any]:
    """Replay what one cell is sent."""
    hands = {line.exchange.account for line in campaign}
    people = {line.exchange.account for line in honest}
    restricted: set[str] = set()
    began, first, seen = time.process_time(), None, 0
    for line, decision in replay(sorted([*honest, *campaign], key=lambda line: line.ts), _engine()):
        seen += line.exchange.account in hands
        if decision.action.restricts:
            restricted.add(line.exchange.account)
            first = seen if first is None else first
    exchanges = len(honest) + len(campaign)
    return {
        "honest": len(people),
        "campaign": len(hands),
        "exchanges": exchanges,
        "found": len(restricted & hands),
        "false": len(restricted & people),
        "alarm": first,
        "microseconds": (time.process_time() - began) / exchanges * 1e6,
    }


def _cost(lines: list[Line]) -> Cost:
    """Take an exchange's way through two gates apart."""
    entries: list[Entry] = []
    looking, learning = _engine(), _engine()
    looking.begin(lines[0].exchange, lines[0].ts)  # the vocabulary is loaded
    gc.collect()
    gc.disable()  # as `serve` does, but for few collections
    looking.publish = entries.append
    clock, taken = time.process_time, dict[str, float]()
    decisions: list[tuple[Decision, Line]] = []
    began = clock()
    for line in lines:
        decision = looking.begin(line.exchange, line.ts)
        decisions.append((decision, line))
        looking.finish(decision, line.outcome, line.ts)
    taken["look"] = clock() - began
    began = clock()
    written = [encode(entry) for entry in entries]
    taken["encode"] = clock() - began
    began = clock()
    read = [decode(data) for data in written]
    taken["decode"] = clock() - began
    began = clock()
    for entry in read:
        learning.apply(entry, entry.at, own=False)
    taken["learn"] = clock() - began
    gc.enable()
    taken["server"], memory = _served(written)
    each = {name: seconds / len(lines) * 1e6 for name, seconds in taken.items()}
    size = sum(map(len, written)) / len(lines)
    return Cost(bytes=size, server_memory=memory, **each)


def _served(written: list[bytes], readers: int = 4) -> tuple[float, float]:
    """Append the entries in batches and read them a few times; give seconds, and bytes a byte."""
    whole = b"".join(written)
    batches = [whole[at : at + _BATCH] for at in range(0, len(whole), _BATCH)] * 20
    with valkey() as server, server.client() as client:
        used, spent = _used(client)
        for batch in batches:
            client.xadd("journal", {b"b": batch})
        for _ in range(readers):
            position = b"0-0"
            while found := client.xread({"journal": position}, count=1):
                position = found[0][1][-1][0]
        after, end = _used(client)
    return (end - spent) / 20, (after - used) / (len(whole) * 20)


def _used(client: Any) -> tuple[int, float]:
    memory, cpu = client.info("memory"), client.info("cpu")
    return memory["used_memory"], cpu["used_cpu_user"] + cpu["used_cpu_sys"]


def tables(result: dict[str, Any]) -> list[Table]:
    """Lay the figures out."""
    cost = result["cost"]
    rows = [
        [
            name,
            f"{cell['honest']:,}",
            f"{cell['campaign']:,}",
            f"{cell['exchanges']:,}",
            f"{cell['found']:,}",
            f"{cell['false']:,}",
            str(cell["alarm"]),
            f"{cell['microseconds']:,.0f}",
        ]
        for name, cell in (
            *((f"cell {number}", cell) for number, cell in enumerate(result["cells"])),
            ("the campaign's part alone", result["no_honest"]),
        )
    ]
    return [
        Table(
            "What an exchange costs the shared evidence",
            ["of one exchange", "figure"],
            [
                ["bytes of the journal", f"{cost['bytes']:,.0f}"],
                ["µs to judge and look, in one gate", f"{cost['look']:,.0f}"],
                ["µs to write it", f"{cost['encode']:,.1f}"],
                ["µs to read it, in each gate", f"{cost['decode']:,.1f}"],
                ["µs to learn it, in each gate", f"{cost['learn']:,.0f}"],
                ["µs of the server, four gates reading", f"{cost['server']:,.1f}"],
                ["bytes of the server for a byte of the journal", f"{cost['server_memory']:.2f}"],
            ],
        ),
        Table(
            f"A campaign of {CAMPAIGN:,} accounts over {CELLS} cells",
            ["", "honest", "hands", "exchanges", "found", "false", "alarm", "µs"],
            rows,
            ["alarm: calls of the campaign a cell had seen when it first restricted one"],
        ),
    ]
