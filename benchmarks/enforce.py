"""`python -m benchmarks.enforce`: what a campaign gets of what it asks, with and without the gate.

A world of the proving ground is replayed in enforce mode, at once for everybody (no roll-out, no
hold-out). What is refused is not answered: its output tokens do not happen, and the gate learns of
a 429 instead. The clients go on as recorded, as a ring's pool of keys does, and send nothing twice.
"""

import argparse
import gzip
import heapq
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from benchmarks.detection.log import time_of
from benchmarks.detection.world import Ground
from distillgate.cli.collector import few_collections
from distillgate.cli.playback import SECRET
from distillgate.config.load import load
from distillgate.config.schema import Config
from distillgate.engine.engine import Engine
from distillgate.policy.decision import Action, Decision
from distillgate.tokenizer import Tokenizer
from distillgate.traffic.log import Line
from distillgate.traffic.replay import Reading, read, replay
from distillgate_lab.scenarios.honest import CLASSES

DAY = 86_400.0


@dataclass(slots=True)
class Got:
    """What one kind of account got."""

    exchanges: int = 0
    tokens: int = 0
    """Output tokens asked for: what it got without a gate."""
    judged_full: int = 0
    """Exchanges judged allow or observe."""
    full: int = 0
    """Answered in full."""
    cut: int = 0
    """Answered, with measures taken."""
    refused: int = 0
    full_tokens: int = 0
    cut_tokens: int = 0
    acted_on: float | None = None
    """When the first exchange was refused or cut."""
    pool_tokens: int = 0
    """Output tokens drawn on the actor's pool."""
    floor_tokens: int = 0
    """Output tokens drawn on its accounts' floors."""
    last: float = 0.0

    def add(self, line: Line, decision: Decision) -> None:
        """Count one exchange."""
        tokens = line.outcome.completion_tokens or 0
        self.exchanges += 1
        self.tokens += tokens
        self.last = line.ts
        self.judged_full += not decision.action.restricts
        touched = decision.enforced and (decision.refused or decision.action >= Action.DEGRADE)
        if touched and self.acted_on is None:
            self.acted_on = line.ts
        if decision.enforced and decision.refused:
            self.refused += 1
            return
        reservation = decision.passage.reservation
        if reservation is not None and reservation.hold is not None:
            if reservation.hold.of_floor:
                self.floor_tokens += tokens
            else:
                self.pool_tokens += tokens
        if touched:
            self.cut += 1
            self.cut_tokens += tokens
        else:
            self.full += 1
            self.full_tokens += tokens


def judge(logs: Sequence[Path], labels: Mapping[str, str], config: Config) -> dict[str, Got]:
    """Replay logs, merged, in enforce mode."""
    found: dict[str, Got] = defaultdict(Got)
    secret = SECRET if config.key is None else config.key.get_secret_value().encode()
    engine = Engine(config, count=Tokenizer(config.tokenizer).exact, secret=secret, enforce=True)
    with few_collections():
        lines = read(enumerate(_merged(logs), 1), Reading(), print)
        for line, decision in replay(lines, engine):
            found[labels[decision.account]].add(line, decision)
    return found


def _merged(logs: Sequence[Path]) -> Iterator[bytes]:
    with ExitStack() as stack:
        files = [stack.enter_context(gzip.open(log)) for log in logs]
        yield from heapq.merge(*files, key=time_of)


def _say(found: Mapping[str, Got], config: Config) -> None:
    budget = config.policy.group_budget
    print(
        f"{'':28} {'exchanges':>9} {'judged full':>11} {'full':>8} {'cut':>8} {'refused':>8} "
        f"{'tokens asked':>13} {'given in full':>13} {'cut':>10}"
    )
    for name, got in sorted(found.items(), key=lambda item: item[0] in CLASSES):
        print(
            f"{name:28} {got.exchanges:>9,} {got.judged_full:>11,} {got.full:>8,} {got.cut:>8,} "
            f"{got.refused:>8,} {got.tokens:>13,} {got.full_tokens:>13,} {got.cut_tokens:>10,}"
        )
    honest = [got for name, got in found.items() if name in CLASSES]
    print(
        f"honest: {sum(g.exchanges for g in honest):,} exchanges, "
        f"{sum(g.cut for g in honest):,} cut, {sum(g.refused for g in honest):,} refused"
    )
    for name, got in found.items():
        if name in CLASSES or got.acted_on is None:
            continue
        days = (got.last - got.acted_on) / DAY
        most = budget.refill * config.signals.work_list.value_tokens * (1 + days)
        print(
            f"{name}: acted on for {days:.1f} days; from the pool {got.pool_tokens:,} output "
            f"tokens, where an actor of whom nothing is known gets {most:,.0f} in that time, from "
            f"floors {got.floor_tokens:,}"
        )


def main(arguments: Sequence[str] | None = None) -> None:
    """Play one world under enforcement and print who got what."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.enforce", description=__doc__)
    add = parser.add_argument
    add("--corpus", type=Path, help="texts; else generated")
    add("--half", choices=("dev", "held", "all"), default="held")
    add("--scale", type=float, default=0.1, help="1.0 is 20,000 honest accounts")
    add("--seed", type=int, default=1)
    add("--campaign", default="5,000 accounts", help="a kind of the proving ground")
    add("--infrastructure", default="mimic")
    add("--config", type=Path, help="the gate's configuration; else its defaults")
    options = parser.parse_args(arguments)
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="distillgate-enforce-") as directory:
        ground = Ground.prepare(options.corpus, options.half, options.scale, Path(directory))
        people = ground.honest(options.seed)
        campaign = ground.campaign(options.seed, options.campaign, options.infrastructure)
        config = load(options.config)
        labels = people.labels | campaign.labels
        _say(judge([people.log, campaign.log], labels, config), config)
    print(f"[{time.monotonic() - started:.0f} s]", file=sys.stderr)


if __name__ == "__main__":
    main()
