"""The play itself: the script's calls through real sockets, in order, on compressed time."""

import asyncio
import time
from collections.abc import Callable, Iterator
from statistics import median
from typing import Any, NamedTuple

import httpx2

from distillgate_lab.demo.call import Account, Call, chat, user
from distillgate_lab.demo.ledger import Fate, Ledger, fate
from distillgate_lab.demo.script import Script
from distillgate_lab.demo.stage import ADMIN_KEY, Stage, headers

CLIENTS = 12
"""Requests in flight at most: enough to keep two processors busy."""
SECONDS = 60.0
"""How long one request may take before the play is broken."""
PAIRS = 120
"""Measured pairs of requests, through the sidecar and past it."""

Told = Callable[[float, Account, Fate, bool], None]
"""Is told of each answer: the play's time, who, what, and whether a restriction is new."""


class Added(NamedTuple):
    """What the sidecar adds to one request at a time: medians, in seconds."""

    through: float
    direct: float


class Epilogue(NamedTuple):
    """What is asked when all is over."""

    added: Added
    why: dict[str, Any] | None
    """What the gate holds against one account of the campaign; None where none was caught."""


async def play(script: Script, stage: Stage, ledger: Ledger, told: Told) -> Epilogue:
    """Send every call of the script; measure on the quiet stage when all is over."""
    calls = iter(enumerate(script.calls))
    async with httpx2.AsyncClient(timeout=SECONDS, trust_env=False) as client:
        async with asyncio.TaskGroup() as group:
            for _ in range(CLIENTS):
                group.create_task(_send_all(calls, client, stage, ledger, told))
        why = await _ask_why(client, stage, ledger)
        return Epilogue(await _measure(client, stage), why)


async def _send_all(
    calls: Iterator[tuple[int, Call]],
    client: httpx2.AsyncClient,
    stage: Stage,
    ledger: Ledger,
    told: Told,
) -> None:
    for number, call in calls:
        stage.time.pass_to(call.at)
        got = await _send(client, stage.url, call, f"demo-{number:06d}")
        told(call.at, call.account, got, ledger.enter(call.account, got))


async def _send(client: httpx2.AsyncClient, url: str, call: Call, reference: str) -> Fate:
    try:
        response = await client.post(
            url + call.path, json=call.body, headers=headers(call.account, reference)
        )
    except httpx2.HTTPError:
        return Fate.FAILED
    return fate(response.status_code, response.headers)


async def _ask_why(
    client: httpx2.AsyncClient, stage: Stage, ledger: Ledger
) -> dict[str, Any] | None:
    """Ask the operator's pages about the account that was caught first."""
    if not ledger.restricted:
        return None
    address = f"{stage.url}/distillgate/accounts/{ledger.restricted[0]}"
    response = await client.get(address, headers={"authorization": f"Bearer {ADMIN_KEY}"})
    found: dict[str, Any] = response.raise_for_status().json()
    return found


async def _measure(client: httpx2.AsyncClient, stage: Stage) -> Added:
    """Take turns between the sidecar and the upstream, so that both see the same machine."""
    account = Account("measured", "measured")
    taken: dict[str, list[float]] = {stage.url: [], stage.direct: []}
    for number in range(PAIRS):
        call = chat(0.0, account, [user(f"How long does it take to answer this? ({number})")])
        for url, seconds in taken.items():
            began = time.perf_counter()
            await _send(client, url, call, f"demo-measure-{number:06d}")
            seconds.append(time.perf_counter() - began)
    return Added(median(taken[stage.url]), median(taken[stage.direct]))
