"""What a hundred thousand accounts cost: bytes of state each, and what one exchange takes.

The engine alone, without sockets, in a process of its own, so that the memory is the state's.
Times are of the thread's processor: on a shared machine a wall clock measures the neighbours.
"""

import gc
import json
import math
import random
import subprocess
import sys
import time
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import Any

from benchmarks import ledger, machine
from benchmarks.crowd import DAY, START, Crowd
from benchmarks.state_tables import TARGETS
from distillgate.campaign.group import Group
from distillgate.campaign.overlap import overlap
from distillgate.cli.collector import few_collections
from distillgate.engine.engine import Engine, EngineSettings
from distillgate.engine.entries import Entry
from distillgate.engine.learner import Learner
from distillgate.engine.queries import Queries
from distillgate.engine.state import State
from distillgate.wire.request import Request

ACCOUNTS = 100_000
DAYS = 14.0
ROUNDS = (1, 0.75, 0.25)
"""Every account's exchanges: two of each on average."""
TEXTS = {"200 B": 200, "2 KB": 2048, "4 KB": 4096}
PARTS = ("judging", "looking", "learning")
"""What is told of an exchange: before it is forwarded; after its answer, what it shows (its text is
read and sketched); and adding that to its account and its groups."""
SAMPLES = 3000
"""Exchanges measured of each size, at most one an account."""
LARGEST = 16
"""Largest groups that are examined one by one."""
REPEATS = 5

_QUEUE = attrgetter("state.groups._queue")
_TABLE = attrgetter("state.groups._table")


class Collections:
    """Notes the garbage collector's pauses, by generation, in microseconds."""

    def __init__(self) -> None:
        self.pauses: dict[int, list[float]] = defaultdict(list)
        self.total = 0.0
        self._started = 0

    def __call__(self, phase: str, info: dict[str, int]) -> None:
        if phase == "start":
            self._started = time.thread_time_ns()
        else:
            taken = (time.thread_time_ns() - self._started) / 1000
            self.pauses[info["generation"]].append(taken)
            self.total += taken


class WatchedLearner(Learner):
    """Notes how long each slice of its examinations took, the collector's pauses aside."""

    def __init__(self, settings: EngineSettings, state: State, collections: Collections) -> None:
        super().__init__(settings, state)
        self.slices = array("d")
        self._collections = collections

    def examine(self, now: float) -> None:
        """Take a step of the examinations."""
        paused, started = self._collections.total, time.thread_time_ns()
        super().examine(now)
        taken = (time.thread_time_ns() - started) / 1000
        self.slices.append(taken - (self._collections.total - paused))


class Watched(Engine):
    """An engine whose examinations are watched."""

    def __init__(self) -> None:
        super().__init__(EngineSettings(), count=_count, secret=b"benchmark" * 4)
        self.collections = Collections()
        self.learner: WatchedLearner = WatchedLearner(self.settings, self.state, self.collections)

    @property
    def slices(self) -> "array[float]":
        """The microseconds of each slice so far."""
        return self.learner.slices

    def examine(self, group: Group, now: float) -> list[float]:
        """Examine one group now; give the microseconds of each slice."""
        self.examine_waiting(now)
        _QUEUE(self).restore([group])
        return self.examine_waiting(now)

    def examine_waiting(self, now: float) -> list[float]:
        """Examine every group that waits; give the microseconds of each slice."""
        before = len(self.slices)
        while self.state.groups.waiting:
            self.learner.examine(now)
        return self.slices[before:].tolist()


def measure(
    cores: machine.Cores,  # noqa: ARG001
    *,
    quick: bool,
    calibration: dict[str, Any],  # noqa: ARG001
    accounts: int = ACCOUNTS,
) -> dict[str, Any]:
    """Measure in a process of its own; `quick` is a tenth of the accounts."""
    count = max(100, accounts // 10 if quick else accounts)
    command = [sys.executable, "-m", "benchmarks.state", str(count)]
    done = subprocess.run(
        command, check=True, stdout=subprocess.PIPE, cwd=Path(__file__).parents[1]
    )
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def run(accounts: int) -> dict[str, Any]:
    """Play the population into an engine, and measure it."""
    crowd = Crowd.of(accounts)
    for exchange in Crowd.of(200, "warm").play():  # allocates what Python and numpy allocate once
        Watched().begin(exchange, START)
        break
    gc.collect()
    gc.freeze()  # what is the benchmark's own is no work for the collector
    before = ledger.resident()
    engine = Watched()
    tables = ledger.touch(engine)
    fixed = ledger.resident() - before
    with _watched(engine.collections) as collections:
        now, sent = _populate(engine, crowd)
    gc.collect()
    state = ledger.resident() - before - fixed
    slices = engine.slices.tolist()
    used, row = ledger.rows(engine)
    facts = {
        "accounts": accounts,
        "exchanges": sent,
        "groups": len(engine.state.groups),
        "actors": Queries(engine).summary().actors,
        "fixed_bytes": fixed,
        "table_bytes": tables,
        "state_bytes": state,
        "bytes_an_account": state / accounts,
        "rows": used,
        "row_bytes": row,
        "owners": ledger.owners(engine),
        "targets": TARGETS,
    }
    facts["collections"] = {str(g): _spread(p) for g, p in sorted(collections.pauses.items())}
    facts["full_collection_us"] = _taken(gc.collect, 1)
    facts["slices"] = _spread(slices)
    facts["sizes"] = _sizes(engine, crowd, now)
    facts["largest"] = _largest(engine, now + DAY)
    facts["calibration_us"] = machine.calibration() * 1000
    return facts


def _populate(engine: Watched, crowd: Crowd) -> tuple[float, int]:
    """Send every account's exchanges, evenly over two weeks."""
    now = START
    step = DAYS * DAY / (len(crowd.senders) * sum(ROUNDS))
    for exchange in crowd.play(ROUNDS):
        decision = engine.begin(exchange, now)
        engine.finish(decision, crowd.outcome(exchange), now + 1.0)
        now += step
    return now, crowd.sent


def _sizes(engine: Watched, crowd: Crowd, now: float) -> dict[str, Any]:
    """Measure the parts of an exchange at each size of text; learning less its examination."""
    found = {}
    handed: list[Entry] = []
    engine.publish = handed.append
    dice = random.Random(2)
    for name, size in TEXTS.items():
        begun, looked, learned = [], [], []
        for sender in dice.choices(crowd.senders, k=min(SAMPLES, len(crowd.senders))):
            exchange = crowd.exchange(sender, size)
            outcome = crowd.outcome(exchange)
            started = time.thread_time_ns()
            decision = engine.begin(exchange, now)
            between = time.thread_time_ns()
            engine.finish(decision, outcome, now + 1.0)
            ended = time.thread_time_ns()
            for entry in handed:
                engine.apply(entry, entry.at, own=True)
            applied = time.thread_time_ns()
            handed.clear()
            begun.append((between - started) / 1000)
            looked.append((ended - between) / 1000)
            learned.append((applied - ended) / 1000 - engine.slices[-1])
            now += 1.0
        found[name] = {
            name: _spread(part) for name, part in zip(PARTS, (begun, looked, learned), strict=True)
        }
    engine.publish = None
    return found


def _largest(engine: Watched, now: float) -> list[dict[str, Any]]:
    """Measure the examination of the largest groups, whole and by part."""
    groups = engine.state.groups
    found = []
    for group in sorted(groups, key=lambda group: -len(group.rows))[:LARGEST]:
        slices = [part for _ in range(REPEATS) for part in engine.examine(group, now)]
        evidence = group.evidence
        found.append(
            {
                "kind": group.kind.value,
                "units": len(group.rows),
                "examined": evidence.examined if evidence is not None else 0,
                "whole": evidence is not None and evidence.whole,
                "slice_us": _spread(slices),
                "siblings_us": _taken(partial(overlap, group, _TABLE(engine))),
            }
        )
    return found


@contextmanager
def _watched(collections: Collections) -> Iterator[Collections]:
    gc.callbacks.append(collections)
    try:
        yield collections
    finally:
        gc.callbacks.remove(collections)


def _count(request: Request) -> int:
    return sum(len(message.text) for message in request.messages) // 4


def _taken(call: Callable[[], object], repeats: int = REPEATS) -> float:
    """Give the microseconds that the quickest of some calls took."""
    best = math.inf
    for _ in range(repeats):
        started = time.thread_time_ns()
        call()
        best = min(best, time.thread_time_ns() - started)
    return best / 1000


def _spread(values: Iterable[float]) -> dict[str, float]:
    known = list(values)
    if not known:
        return {"count": 0}
    return {
        "count": len(known),
        "p50": machine.percentile(known, 50),
        "p99": machine.percentile(known, 99),
        "max": max(known),
    }


if __name__ == "__main__":
    with few_collections():  # as the server runs
        found = run(int(sys.argv[1]))
    json.dump(found, sys.stdout)
