"""Recorded sessions of people with their agents, sent as agents do: all of it, every time."""

import math
import os
from collections import Counter, deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.engine.conftest import Start

from distillgate.dialects.chat import CHAT
from distillgate.wire.exchange import Client, Exchange, Outcome
from distillgate.wire.request import from_document
from distillgate_lab.scenarios.corpus import sources

CORPUS = os.environ.get("DISTILLGATE_CORPUS", "")
PEOPLE, SESSIONS, LONGEST = 24, 300, 24
KEPT = 8
"""Turns that an agent keeps where it compacts."""

Turn = dict[str, Any]


def recorded(role: str, field: str) -> dict[str, list[dict[str, Any]]]:
    """Read a corpus' files of one role whose rows have a field."""
    found = {source.name: source.rows for source in sources(Path(CORPUS)) if source.role == role}
    return {name: rows for name, rows in found.items() if field in rows[0]}


def requests(turns: list[Turn]) -> Iterator[tuple[list[Turn], str]]:
    """Yield what an agent sends before each recorded answer, and the answer; it compacts."""
    system, history = [t for t in turns if t["role"] == "system"], list[Turn]()
    for turn in (t for t in turns if t["role"] != "system"):
        if turn["role"] == "assistant" and history and history[-1]["role"] == "user":
            yield [*system, *history], turn["content"]
        history.append({"role": turn["role"], "content": turn["content"]})
        if len(history) > LONGEST:
            del history[: -KEPT + 1]


@pytest.mark.skipif(not CORPUS, reason="DISTILLGATE_CORPUS names no directory of recordings")
def test_nobody_whose_agents_sessions_were_recorded_is_restricted(start: Start) -> None:
    paces = [
        row["think_s"]
        for rows in recorded("trace", "session").values()
        for row in rows
        if "think_s" in row
    ]
    files = recorded("benign", "turns")
    assert files
    for name, rows in files.items():
        world = start(5)
        mine: list[deque[tuple[list[Turn], str]]] = [deque() for _ in range(PEOPLE)]
        for row in world.random.sample(rows, min(SESSIONS, len(rows))):
            whose = min(world.random.randrange(PEOPLE), world.random.randrange(PEOPLE))
            mine[whose] += requests(row["turns"])
        restricted = Counter[int]()
        while any(mine):
            who = world.random.choice([n for n, left in enumerate(mine) if left])
            messages, answer = mine[who].popleft()
            request = from_document(CHAT, {"model": "m", "messages": messages})
            exchange = Exchange(f"p-{who}", request, client=Client(user_agent="agent/2.4"))
            decision = world.engine.begin(exchange, world.now)
            world.engine.finish(decision, Outcome(200, 900, 200, text=answer), world.now + 5.0)
            world.now += (world.random.choice(paces) if paces else 20.0) / PEOPLE + 1.0
            restricted[who] += decision.action.restricts

        assert +restricted == Counter(), name
        shown: dict[str, list[float]] = {}
        for who in range(PEOPLE):
            found = world.queries.account(f"p-{who}", world.now)
            for part in found.contributions if found is not None else ():
                shown.setdefault(part.signal, []).append(part.llr)
        for signal, nats in shown.items():
            for level in (2, 3):
                most = max(1, PEOPLE * math.exp(-level))
                assert sum(one >= level for one in nats) <= most, (name, signal)
