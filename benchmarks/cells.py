"""Cells that tell each other what they know of groups: how soon each acts, and what that costs.

A campaign over several cells, beside honest customers, is played three times: in one gate, in cells
apart, and in cells that tell each other over a real Valkey server. Each cell is an engine of its
own, which learns what others told as an entry, as it would out of its log.
"""

import asyncio
import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import SecretStr

from benchmarks.machine import Cores
from benchmarks.report import Table
from benchmarks.scale import CALLS, lines_of
from benchmarks.valkey import valkey
from distillgate.asgi.context import Clock
from distillgate.cells.correspondent import Correspondent
from distillgate.cells.letter import Seal
from distillgate.cells.settings import CellSettings
from distillgate.engine.engine import Engine, EngineSettings
from distillgate.tokenizer import Tokenizer, TokenizerSettings
from distillgate.traffic.log import Line

CELLS = 10
ACCOUNTS = 2_500
"""Accounts of the campaign, over all cells."""
HONEST = 2_000
_CLASSES = "chat users", "users of popular tools", "undeclared organisations"
"""Companies among them whose keys are dealt like anybody's."""
_LIMIT = 20_000
"""Calls of the campaign that are played at the most."""
_TURN = 2.0
"""Seconds of the traffic's clock between two turns of a correspondent."""
_SECRET = b"benchmark" * 4


class _Observer:
    """Lets nothing go wrong unseen."""

    def logged(self, what: str, entries: int) -> None:
        if what == "unread":
            raise RuntimeError(f"{entries} letters could not be read")

    def event(self, name: str, **fields: Any) -> None:
        raise RuntimeError(f"{name}: {fields}")

    def failed(self, where: str, error: BaseException) -> None:
        raise RuntimeError(where) from error

    def log_state(self, *, local: bool, lag: float, backlog: int) -> None:
        """No log is kept here."""


class _Cells:
    """Engines with one key, and whose accounts are whose."""

    def __init__(self, cells: int) -> None:
        count = Tokenizer(TokenizerSettings()).count
        self.engines = [Engine(EngineSettings(), count=count, secret=_SECRET) for _ in range(cells)]
        self.now = 0.0
        self.acted: dict[int, int] = {}
        """The campaign's calls when each cell first restricted one of it."""
        self.restricted: set[str] = set()

    def cell_of(self, account: str) -> int:
        """Deal an account to a cell by its name alone, as the load balancer does."""
        digest = hashlib.blake2b(account.encode(), digest_size=8).digest()
        return int.from_bytes(digest) % len(self.engines)

    def play(self, lines: Sequence[Line], hands: set[str]) -> Iterator[Line]:
        """Judge and learn line by line, until every cell has acted."""
        calls = 0
        for line in lines:
            account, self.now = line.exchange.account, line.ts
            cell = self.cell_of(account)
            decision = self.engines[cell].begin(line.exchange, line.ts)
            self.engines[cell].finish(decision, line.outcome, line.ts)
            calls += account in hands
            if decision.action.restricts:
                self.restricted.add(account)
                if account in hands:
                    self.acted.setdefault(cell, calls)
            yield line
            if len(self.acted) == len(self.engines):
                return


def measure(cores: Cores, *, quick: bool, calibration: dict[str, Any]) -> dict[str, Any]:
    """Play the three."""
    del cores, calibration
    cells, share = (4, 4) if quick else (CELLS, 1)
    campaign = lines_of("rubric grading", ACCOUNTS // share, min(_LIMIT, ACCOUNTS * CALLS) // share)
    honest = [line for name in _CLASSES for line in _honest(name, HONEST // share, campaign[0].ts)]
    lines = sorted([*honest, *campaign], key=lambda line: line.ts)
    hands = {line.exchange.account for line in campaign}
    return {
        "cells": cells,
        "accounts": len(hands),
        "honest": len({line.exchange.account for line in honest}),
        "one": _played(_Cells(1), lines, hands),
        "apart": _played(_Cells(cells), lines, hands),
        "telling": asyncio.run(_telling(_Cells(cells), lines, hands)),
    }


def _honest(name: str, accounts: int, began: float) -> list[Line]:
    """Return what honest accounts send, from when the campaign begins."""
    lines = lines_of(name, accounts, 4 * accounts, seed=f"cells {name}")
    return [line._replace(ts=line.ts - lines[0].ts + began) for line in lines]


def _played(cells: _Cells, lines: Sequence[Line], hands: set[str]) -> dict[str, Any]:
    exchanges = sum(1 for _ in cells.play(lines, hands))
    return _found(cells, exchanges, hands)


def _found(cells: _Cells, exchanges: int, hands: set[str]) -> dict[str, Any]:
    acted = sorted(cells.acted.values())
    return {
        "exchanges": exchanges,
        "acted": len(acted),
        "first": acted[0] if acted else None,
        "all": acted[-1] if len(acted) == len(cells.engines) else None,
        "false": len(cells.restricted - hands),
    }


async def _telling(cells: _Cells, lines: Sequence[Line], hands: set[str]) -> dict[str, Any]:
    """Play with a correspondent a cell; each has its turn every so often."""
    observer = _Observer()
    with valkey() as server:
        joined = [
            Correspondent(
                CellSettings(url=SecretStr(server.url), name=f"cell-{number}"),
                engine, secret=_SECRET, clock=Clock(lambda: cells.now), observer=observer,
            )
            for number, engine in enumerate(cells.engines)
        ]  # fmt: skip
        exchanges, due = 0, lines[0].ts
        for line in cells.play(lines, hands):
            exchanges += 1
            if line.ts >= due:
                due = line.ts + _TURN
                for one in joined:
                    await one.turn()
        for one in joined:
            await one.close()
        with server.client() as client:
            (name,) = client.keys("*cells-*}")
            told = [entry[b"l"] for _, entry in client.xrange(name)]
    seconds = max(1.0, cells.now - lines[0].ts)
    return {**_found(cells, exchanges, hands), **_told(told, seconds, exchanges)}


def _told(letters: Sequence[bytes], seconds: float, exchanges: int) -> dict[str, float]:
    """Describe what went through the server."""
    seal, size = Seal(_SECRET), sum(map(len, letters))
    groups = {seal.open(letter).told.group.key for letter in letters}
    return {
        "letters": len(letters),
        "groups": len(groups),
        "mean": size / max(1, len(letters)),
        "largest": max(map(len, letters), default=0),
        "an_exchange": size / exchanges,
        "a_second_and_group": size / seconds / max(1, len(groups)),
        "a_second": size / seconds,
    }


def tables(result: dict[str, Any]) -> list[Table]:
    """Lay the figures out."""
    told = result["telling"]
    rows = [
        [name, str(found["first"]), str(found["all"]), f"{found['acted']}", f"{found['false']}"]
        for name, found in (
            ("one gate", result["one"]),
            ("cells apart", result["apart"]),
            ("cells that tell each other", told),
        )
    ]
    return [
        Table(
            f"A campaign of {result['accounts']:,} accounts over {result['cells']} cells, beside "
            f"{result['honest']:,} honest accounts",
            ["", "first acts", "all act", "that acted", "honest restricted"],
            rows,
            ["calls of the campaign when the first, and the last, of the cells restricted one"],
        ),
        Table(
            "What cells tell each other",
            ["", "figure"],
            [
                ["summaries", f"{told['letters']:,}"],
                ["of groups", f"{told['groups']:,}"],
                ["bytes of one, on average", f"{told['mean']:,.0f}"],
                ["bytes of the largest", f"{told['largest']:,}"],
                ["bytes an exchange", f"{told['an_exchange']:,.0f}"],
                ["bytes a second, all cells", f"{told['a_second']:,.0f}"],
                ["bytes a second and a group", f"{told['a_second_and_group']:,.2f}"],
            ],
        ),
    ]
