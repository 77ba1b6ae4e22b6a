"""One log, judged in three ways that must come to the same bytes.

    python -m benchmarks.equal LOG [LINES]

By one engine, as `distillgate replay` does; by one that ends in the middle and goes on from its
snapshot; and by four that share their entries, of which one leaves in the middle, once its answers
are in, and another joins from a snapshot. What is compared is the replay's line of every decision.
"""

import asyncio
import hashlib
import itertools
import random
import sys
import time
from collections.abc import Iterator
from contextlib import nullcontext

from distillgate.actions.plan import Plan
from distillgate.cli.collector import few_collections
from distillgate.cli.playback import SECRET
from distillgate.config.schema import Config
from distillgate.engine.engine import Engine
from distillgate.engine.entries import decode
from distillgate.log import snapshot
from distillgate.policy.decision import Decision
from distillgate.records import encode
from distillgate.tokenizer import Tokenizer
from distillgate.traffic import decisions
from distillgate.traffic.log import Line, Log
from distillgate.traffic.replay import Reading, read, replay
from distillgate.wire.exchange import Exchange, Outcome


class Workers:
    """Engines that judge in turns drawn at random, each applying what all of them saw."""

    def __init__(self, count: int, middle: int) -> None:
        self._tokenizer = Tokenizer(Config().tokenizer)
        self._dice = random.Random(count)
        self._middle = middle
        self._judged = 0
        self._journal: list[tuple[Engine, bytes]] = []
        self._of: dict[int, Engine] = {}
        """Whose a decision is whose answer is not in, by its identity."""
        self._all = [self._engine() for _ in range(count)]
        self._asked = list(self._all)
        """Those that take new exchanges."""

    def _engine(self) -> Engine:
        engine = Engine(Config(), count=self._tokenizer.exact, secret=SECRET)
        engine.publish = lambda entry: self._journal.append((engine, encode(entry)))
        return engine

    def begin(self, exchange: Exchange, now: float) -> Decision:
        """Judge by one of them."""
        self._judged += 1
        if self._judged >= self._middle and self._all[0].state.at_rest:
            self._change()
        engine = self._dice.choice(self._asked)
        decision = engine.begin(exchange, now)
        self._of[id(decision)] = engine
        self._deliver()
        return decision

    def plan(self, exchange: Exchange, decision: Decision) -> Plan:
        """Return what the engine that judged would do."""
        return self._of[id(decision)].plan(exchange, decision)

    def finish(self, decision: Decision, outcome: Outcome, now: float) -> None:
        """Tell the engine that judged of the answer."""
        self._of.pop(id(decision)).finish(decision, outcome, now)
        self._deliver()

    def _deliver(self) -> None:
        while self._journal:
            by, data = self._journal.pop(0)
            for engine in self._all:
                entry = decode(data)
                engine.apply(entry, entry.at, own=engine is by)

    def _change(self) -> None:
        """Let another join from a snapshot, and one leave."""
        self._middle = sys.maxsize
        joining, leaving = self._engine(), self._asked[-1]
        asyncio.run(_copy(self._all[0], joining))
        self._all.append(joining)
        self._asked = [joining, *self._asked[:-1]]
        print(f"  one left and one joined after {self._judged:,}: {leaving is not joining}")


async def _copy(of: Engine, to: Engine) -> None:
    key = snapshot.check(SECRET)
    head = snapshot.Head(snapshot.FORMAT, key, "equal", "", 0, [])
    chunks = snapshot.write(head, of.state.parts())
    state = to.blank()
    await snapshot.read(chunks, state.parts(), key, hurry=True)
    to.adopt(state)


def judged(path: str, lines: int, judge: Workers | None) -> str:
    """Return the hash of all lines that say what was decided."""
    digest = hashlib.sha256()
    if judge is None:
        tokenizer = Tokenizer(Config().tokenizer)
        engine: Workers | Engine = Engine(Config(), count=tokenizer.exact, secret=SECRET)
    else:
        engine = judge
    for line, decision in replay(_lines(path, lines), engine):
        digest.update(decisions.encode(line, decision))
    return digest.hexdigest()[:16]


def _lines(path: str, lines: int) -> Iterator[Line]:
    with Log(path, warn=print) as log:
        yield from itertools.islice(read(log, Reading(), print), lines)


def main(path: str, lines: int) -> None:
    """Judge in all ways, and say whether they are one."""
    found = {}
    ways = {
        "one engine": None,
        "one that begins anew in the middle": Workers(1, lines // 2),
        "four that share, one leaves and one joins": Workers(4, lines // 2),
    }
    for name, judge in ways.items():
        with few_collections() if judge is None else nullcontext():
            began = time.process_time()
            found[name] = judged(path, lines, judge)
        print(f"{name}: {found[name]}, {time.process_time() - began:,.0f} s of the processor")
    print("equal" if len(set(found.values())) == 1 else "DIFFERENT")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else sys.maxsize)
